#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace erawise::util {

/// A lock between processes of this machine: whoever holds the file does the work, the others wait.
///
/// The kernel releases it with the process, however that ends; a file that is left behind by a
/// killed process is taken like any other. Move-only. The file says who holds it, and is removed on
/// release.
class LockFile {
  public:
    /// Takes the lock; empty when another process holds it. Where none can be taken (a folder that
    /// nobody may write to, a file system without locks), it is granted with a warning: two runs at
    /// once are rare, and a round that is missed for want of a lock is worse. Error(disk) when the
    /// file cannot be made for another reason.
    static std::optional<LockFile> try_take(const std::filesystem::path& file);

    /// Who holds the lock, for people: "process 17 of host since 2026-03-27T12:00:00Z"; "which one
    /// is not known" where the file does not tell.
    static std::string holder_of(const std::filesystem::path& file);

    ~LockFile();
    LockFile(LockFile&& other) noexcept
        : file_(std::move(other.file_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
    LockFile& operator=(LockFile&& other) noexcept {
        std::swap(file_, other.file_);
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }

  private:
    LockFile(std::filesystem::path file, int descriptor)
        : file_(std::move(file)), descriptor_(descriptor) {}

    std::filesystem::path file_;
    int descriptor_ = -1;  ///< -1: nothing is held
};

enum class FileLock : std::uint8_t {
    held,     ///< by this process alone
    refused,  ///< another process holds it
    unknown   ///< the file system did not say; errno has its reason
};

/// Locks the file of `descriptor`, which must be open for writing: NFS locks no other.
FileLock lock_descriptor(int descriptor) noexcept;

/// Whether `file` still is the open file of `descriptor`: it may have been removed or replaced
/// between open() and the lock.
bool is_same_file(int descriptor, const std::filesystem::path& file) noexcept;

}  // namespace erawise::util
