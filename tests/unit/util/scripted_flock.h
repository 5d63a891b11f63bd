#pragma once

namespace erawise::test {

/// What flock() does in this program until the object goes: as an NFS server, which locks only what
/// is open for writing, or as a file system without locks.
class ScriptedFlock {
  public:
    enum class Server { nfs, without_locks };
    explicit ScriptedFlock(Server server);
    ~ScriptedFlock();
    ScriptedFlock(const ScriptedFlock&) = delete;
    ScriptedFlock& operator=(const ScriptedFlock&) = delete;
};

}  // namespace erawise::test
