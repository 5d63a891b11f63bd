#pragma once

#include <cstdint>

namespace erawise::util {

/// What the process does with memory that is freed. There is one allocator and one policy for all
/// threads; main() sets it at the start, and only KeepFreedBlocks changes it, for as long as it
/// lives.
enum class AllocatorPolicy : std::uint8_t {
    /// glibc's own, before main() has chosen.
    unset,
    /// What is freed goes back to the kernel: two arenas are enough for our threads, and blocks of
    /// 128 KiB and more are mapped by themselves. The peak is then what the memory plan says,
    /// whatever was freed before.
    give_back,
    /// Up to 4 MiB of what is freed waits for the next allocation. For code that is not ours and
    /// allocates anew with every call.
    keep_blocks
};

/// Sets the policy of the process. main() calls it once, before any other thread is there.
void set_allocator_policy(AllocatorPolicy policy);

/// The policy in force.
AllocatorPolicy allocator_policy() noexcept;

/// Gives back what is free but still kept, whatever the policy.
void give_back_freed_memory() noexcept;

/// The process keeps freed blocks while there is one of these, however many there are; after the
/// last one the policy is again what it was before the first, and what was kept has gone back.
/// Thread-safe.
class KeepFreedBlocks {
  public:
    KeepFreedBlocks();
    ~KeepFreedBlocks();
    KeepFreedBlocks(const KeepFreedBlocks&) = delete;
    KeepFreedBlocks& operator=(const KeepFreedBlocks&) = delete;
};

}  // namespace erawise::util
