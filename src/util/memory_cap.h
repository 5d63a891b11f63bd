#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace erawise::util {

/// The cap that a run must keep to.
struct MemoryCap {
    std::uint64_t bytes = 0;
    std::string source;  ///< "--memory-limit", "0.9 x 64.0 MiB of /sys/fs/cgroup/memory.max"
    /// The share of the container's limit that `bytes` is; 1 where the user named the number.
    double share_of_limit = 1;
};

/// The smallest of what the user asked for and 0.9 x the container's limit; empty when there is
/// neither. The tenth that is left is for what no process sees of itself: page tables, sockets,
/// and the page cache that writing needs.
std::optional<MemoryCap> memory_cap(std::optional<std::uint64_t> configured,
                                    const std::string& configured_origin);

}  // namespace erawise::util
