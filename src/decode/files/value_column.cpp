#include "decode/files/value_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "util/error.h"
#include "util/printable.h"

namespace erawise::decode {
namespace {

/// Benchmark files have dozens of columns; a list of thousands would be no help.
constexpr std::size_t kMostNames = 100;
constexpr std::size_t kMostCharacters = 60;

/// The last ones are pandas' index where it was written without a name, or read back as a column.
constexpr std::array<std::string_view, 7> kNeverMeant = {
    "id", "era", "data_type", "", "index", "Unnamed: 0", "__index_level_0__"};

/// Where there are none, all that might be meant: what is wrong with a single one is told better
/// when its first value is read.
std::vector<std::size_t> columns_of_numbers(std::span<const ValueColumn> columns) {
    std::vector<std::size_t> numbers;
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!std::ranges::contains(kNeverMeant, columns[i].name)) {
            (columns[i].is_number ? numbers : others).push_back(i);
        }
    }
    return numbers.empty() && others.size() == 1 ? others : numbers;
}

std::string shown(std::string_view name) {
    return fmt::format("'{}'",
                       util::printable(name.substr(0, kMostCharacters), util::LineBreaks::replace));
}

std::string listed(std::span<const ValueColumn> columns, std::span<const std::size_t> places) {
    std::string text;
    for (const std::size_t place : places.first(std::min(places.size(), kMostNames))) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", shown(columns[place].name));
    }
    return places.size() > kMostNames
               ? fmt::format("{} and {} more", text, places.size() - kMostNames)
               : text;
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
    throw util::Error(util::ErrorKind::data, fmt::format("{}: {}", file.string(), what));
}

}  // namespace

std::size_t choose_value_column(std::span<const ValueColumn> columns, const ColumnChoice& choice,
                                const std::filesystem::path& file) {
    const std::vector<std::size_t> numbers = columns_of_numbers(columns);
    if (choice.name.empty()) {
        if (numbers.size() == 1) {
            return numbers.front();
        }
        refuse(file, numbers.empty()
                         ? fmt::format("there is no column of numbers beside the ids; it begins "
                                       "with {}",
                                       columns.empty() ? "''" : shown(columns.front().name))
                         : fmt::format("{} columns have numbers, and {} does not say which one to "
                                       "take: {}",
                                       numbers.size(), choice.flag, listed(columns, numbers)));
    }
    const auto found = std::ranges::find(columns, choice.name, &ValueColumn::name);
    if (found == columns.end()) {
        refuse(file, fmt::format("there is no column {}, which {} asks for; {}", shown(choice.name),
                                 choice.flag,
                                 numbers.empty() ? "nor any other with numbers"
                                                 : fmt::format("columns with numbers are {}",
                                                               listed(columns, numbers))));
    }
    if (std::ranges::count(columns, choice.name, &ValueColumn::name) > 1) {
        refuse(file, fmt::format("two columns are called {}", shown(choice.name)));
    }
    return static_cast<std::size_t>(found - columns.begin());
}

}  // namespace erawise::decode
