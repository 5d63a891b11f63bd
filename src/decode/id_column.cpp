#include "decode/id_column.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "util/error.h"

namespace erawise::decode {
namespace {

/// CSV of other dialects comes as one column whose name is the whole line.
std::string_view other_separator(std::string_view name) {
    for (const std::string_view separator : {";", "\t", "|"}) {
        if (name.contains(separator)) {
            return separator == "\t" ? "a tab" : separator;
        }
    }
    return {};
}

[[noreturn]] void fail_no_ids(std::span<const std::string> names, const std::string& file) {
    const std::string_view first = names.empty() ? std::string_view() : names.front();
    const std::string_view separator = names.size() == 1 ? other_separator(first) : "";
    throw util::Error(
        util::ErrorKind::data,
        separator.empty()
            ? fmt::format("{}: there is no column 'id', and no index (the columns begin with "
                          "'{}'); is this a Numerai data file?",
                          file, first.substr(0, 40))
            : fmt::format("{}: there is no column 'id': the fields seem to be separated by {}, "
                          "and not by commas; write it with commas",
                          file, separator));
}

}  // namespace

std::optional<std::size_t> find_id_column(std::span<const std::string> names) {
    constexpr std::array<std::string_view, 3> kAnywhere = {"id", "__index_level_0__", "index"};
    for (const std::string_view name : kAnywhere) {
        if (const auto found = std::ranges::find(names, name); found != names.end()) {
            return static_cast<std::size_t>(found - names.begin());
        }
    }
    const bool is_index = !names.empty() && (names[0].empty() || names[0] == "Unnamed: 0");
    return is_index ? std::optional<std::size_t>(0) : std::nullopt;
}

std::size_t require_id_column(std::span<const std::string> names, const std::string& file) {
    const std::optional<std::size_t> found = find_id_column(names);
    if (!found) {
        fail_no_ids(names, file);
    }
    const std::string& name = names[*found];
    if (name != "id" && name != "__index_level_0__") {
        spdlog::warn("{}: no column 'id'; the ids are taken from {}", file,
                     name.empty() ? "the first column, which has no name"
                                  : fmt::format("the column '{}'", name));
    }
    return *found;
}

}  // namespace erawise::decode
