#include "util/memory_limit.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <sstream>
#include <string_view>
#include <vector>

#include "util/number.h"

namespace erawise::util {
namespace {

namespace fs = std::filesystem;

/// v1 writes "no limit" as the largest multiple of the page size; anything near it is no limit.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60;

std::optional<std::string> first_line(const fs::path& file) {
    std::ifstream stream(file);
    std::string line;
    return std::getline(stream, line) ? std::optional(line) : std::nullopt;
}

/// One mounted hierarchy that governs this process: where it is mounted, which part of the
/// hierarchy that mount shows, and this process's group within the hierarchy.
struct Hierarchy {
    fs::path mount_point;
    fs::path mount_root;
    fs::path group;
    bool v2;
};

/// This process's group for `controller` (v1) or in the unified hierarchy (v2), from
/// /proc/self/cgroup: lines of "ID:CONTROLLERS:PATH".
std::optional<fs::path> group_of(const fs::path& root, std::string_view controller, bool v2) {
    std::ifstream stream(root / "proc/self/cgroup");
    for (std::string line; std::getline(stream, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) {
            continue;
        }
        std::istringstream controllers(line.substr(first + 1, second - first - 1));
        bool found = v2 && controllers.str().empty();
        for (std::string name; !v2 && std::getline(controllers, name, ',');) {
            found = found || name == controller;
        }
        if (found) {
            return line.substr(second + 1);
        }
    }
    return std::nullopt;
}

/// The hierarchies that hold `controller`, from /proc/self/mountinfo:
/// "... ROOT MOUNT_POINT OPTIONS ... - TYPE SOURCE SUPER_OPTIONS".
std::vector<Hierarchy> hierarchies(const fs::path& root, std::string_view controller) {
    std::vector<Hierarchy> found;
    std::ifstream stream(root / "proc/self/mountinfo");
    for (std::string line; std::getline(stream, line);) {
        const auto separator = line.find(" - ");
        if (separator == std::string::npos) {
            continue;
        }
        std::istringstream front(line.substr(0, separator));
        std::istringstream back(line.substr(separator + 3));
        std::string skip;
        std::string mount_root;
        std::string mount_point;
        std::string type;
        std::string options;
        front >> skip >> skip >> skip >> mount_root >> mount_point;
        back >> type >> skip >> options;
        const bool v2 = type == "cgroup2";
        const bool v1 =
            type == "cgroup" &&
            ("," + options + ",").find("," + std::string(controller) + ",") != std::string::npos;
        if (!v1 && !v2) {
            continue;
        }
        if (const auto group = group_of(root, controller, v2)) {
            found.push_back({root / fs::path(mount_point).relative_path(), mount_root, *group, v2});
        }
    }
    return found;
}

/// The folders of this process's group and of its ancestors, as far as the mount shows them. A
/// container often sees its own group as the root of the mount: then that root is all there is.
std::vector<fs::path> group_folders(const Hierarchy& hierarchy) {
    fs::path inside = hierarchy.group.lexically_relative(hierarchy.mount_root);
    if (inside.empty() || *inside.begin() == "..") {
        inside = ".";
    }
    std::vector<fs::path> folders;
    fs::path folder = (hierarchy.mount_point / inside).lexically_normal();
    const fs::path top = hierarchy.mount_point.lexically_normal();
    while (true) {
        folders.push_back(folder);
        if (folder == top || folder == folder.parent_path()) {
            break;
        }
        folder = folder.parent_path();
    }
    if (folders.back() != top) {
        folders.push_back(top);
    }
    return folders;
}

/// v1 tells the smallest limit of all ancestors, also of those that the mount does not show.
std::optional<std::uint64_t> hierarchical_limit(const fs::path& file) {
    std::ifstream stream(file);
    std::string name;
    std::uint64_t value = 0;
    while (stream >> name >> value) {
        if (name == "hierarchical_memory_limit") {
            return value;
        }
    }
    return std::nullopt;
}

/// The number of KiB in a line of /proc/self/status, "VmRSS:     5120 kB"; as bytes.
std::uint64_t bytes_in(const std::string& line) {
    const auto digits = line.find_first_of("0123456789");
    if (digits == std::string::npos) {
        return 0;
    }
    std::string_view rest = std::string_view(line).substr(digits);
    return take_number<std::uint64_t>(rest).value_or(0) * 1024;
}

}  // namespace

std::optional<ContainerLimit> container_memory_limit(const fs::path& root) {
    std::optional<ContainerLimit> smallest;
    const auto consider = [&](std::optional<std::uint64_t> bytes, const fs::path& file) {
        if (bytes && *bytes < kNoLimit && (!smallest || *bytes < smallest->bytes)) {
            smallest = ContainerLimit{*bytes, file.string()};
        }
    };
    for (const Hierarchy& hierarchy : hierarchies(root, "memory")) {
        for (const fs::path& folder : group_folders(hierarchy)) {
            const fs::path file = folder / (hierarchy.v2 ? "memory.max" : "memory.limit_in_bytes");
            const auto line = first_line(file);
            const auto bytes =
                line ? parse_number<std::uint64_t>(*line) : std::nullopt;  // "max": no number
            consider(bytes, file);
            if (!hierarchy.v2) {
                consider(hierarchical_limit(folder / "memory.stat"), folder / "memory.stat");
            }
        }
    }
    return smallest;
}

std::optional<std::uint64_t> container_memory_peak(const fs::path& root) {
    for (const Hierarchy& hierarchy : hierarchies(root, "memory")) {
        const fs::path file = group_folders(hierarchy).front() /
                              (hierarchy.v2 ? "memory.peak" : "memory.max_usage_in_bytes");
        if (const auto line = first_line(file)) {
            if (const auto bytes = parse_number<std::uint64_t>(*line)) {
                return bytes;
            }
        }
    }
    return std::nullopt;
}

std::uint64_t peak_rss_bytes() {
    return resident_memory().peak_bytes;
}

std::uint64_t current_rss_bytes() {
    return resident_memory().now_bytes;
}

ResidentMemory resident_memory() {
    ResidentMemory memory;
    std::ifstream stream("/proc/self/status");
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with("VmHWM:")) {
            memory.peak_bytes = bytes_in(line);
        } else if (line.starts_with("VmRSS:")) {
            memory.now_bytes = bytes_in(line);
            break;  // it follows the peak
        }
    }
    return memory;
}

unsigned available_processors(const fs::path& root) {
    cpu_set_t set;
    CPU_ZERO(&set);
    double processors = 1;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        processors = std::max(1, CPU_COUNT(&set));
    }
    const auto apply_quota = [&](double quota, double period) {
        if (quota > 0 && period > 0) {
            processors = std::min(processors, std::ceil(quota / period));
        }
    };
    for (const Hierarchy& hierarchy : hierarchies(root, "cpu")) {
        for (const fs::path& folder : group_folders(hierarchy)) {
            double quota = -1;
            double period = -1;
            if (hierarchy.v2) {  // "QUOTA PERIOD" or "max PERIOD"
                std::istringstream(first_line(folder / "cpu.max").value_or("")) >> quota >> period;
            } else {
                std::istringstream(first_line(folder / "cpu.cfs_quota_us").value_or("")) >> quota;
                std::istringstream(first_line(folder / "cpu.cfs_period_us").value_or("")) >> period;
            }
            apply_quota(quota, period);
        }
    }
    return static_cast<unsigned>(std::max(1.0, processors));
}

}  // namespace erawise::util
