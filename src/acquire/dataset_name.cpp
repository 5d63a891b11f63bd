#include "acquire/dataset_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "util/error.h"
#include "util/printable.h"

namespace erawise::acquire {
namespace {

constexpr std::size_t kLongestName = 200;

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool is_segment(std::string_view segment) {
    return !segment.empty() && !segment.starts_with('.') && std::ranges::all_of(segment, is_plain);
}

bool is_dataset_name(std::string_view name) {
    if (name.size() > kLongestName || name.ends_with(".part") || name.ends_with(".meta.json")) {
        return false;
    }
    while (true) {
        const auto slash = name.find('/');
        if (!is_segment(name.substr(0, slash))) {
            return false;
        }
        if (slash == std::string_view::npos) {
            return true;
        }
        name.remove_prefix(slash + 1);
    }
}

}  // namespace

std::filesystem::path dataset_path(const std::filesystem::path& directory,
                                   const std::string& name) {
    if (!is_dataset_name(name)) {
        throw util::Error(
            util::ErrorKind::usage,
            fmt::format("'{}' is not the name of a dataset; names look like "
                        "v5.3/live.parquet, with letters, digits, '.', '_', '-'",
                        util::printable(name.substr(0, kLongestName), util::LineBreaks::replace)));
    }
    return directory / name;
}

}  // namespace erawise::acquire
