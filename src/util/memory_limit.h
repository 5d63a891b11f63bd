#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace erawise::util {

/// A limit that the kernel enforces on this process through its control group.
struct ContainerLimit {
    std::uint64_t bytes;
    std::string source;  ///< the file it was read from
};

/// The smallest memory limit of this process's control group and all of its ancestors, v1
/// (memory.limit_in_bytes) and v2 (memory.max). Empty when there is none.
///
/// `root` is "/" but in tests. Sources: kernel documentation, admin-guide/cgroup-v1/memory.rst
/// and admin-guide/cgroup-v2.rst.
std::optional<ContainerLimit> container_memory_limit(const std::filesystem::path& root = "/");

/// The control group's own peak (memory.peak, memory.max_usage_in_bytes): page cache included.
std::optional<std::uint64_t> container_memory_peak(const std::filesystem::path& root = "/");

/// VmHWM: the largest resident set that this process has had, in bytes.
std::uint64_t peak_rss_bytes();

/// VmRSS: the resident set now, in bytes.
std::uint64_t current_rss_bytes();

/// Both at a time, for one reading of /proc.
struct ResidentMemory {
    std::uint64_t now_bytes = 0;
    std::uint64_t peak_bytes = 0;
};
ResidentMemory resident_memory();

/// Processors that this process may use: affinity mask and CPU quota of the control group, at
/// least 1.
unsigned available_processors(const std::filesystem::path& root = "/");

}  // namespace erawise::util
