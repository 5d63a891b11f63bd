#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace erawise::decode {

/// A column of a file of values by id, as far as choosing one asks.
struct ValueColumn {
    std::string name;
    bool is_number = false;
};

/// Which column of such a file is wanted.
struct ColumnChoice {
    std::string name = {};       ///< empty: the only one with numbers
    std::string_view flag = {};  ///< the option that names it, for messages
};

/// The place of the column. Ids, eras, kinds of rows and the numbering that pandas adds are never
/// meant unless they are named. Error(data), with the columns of numbers that there are, when there
/// is none, when nobody named one of several, and when two have the name.
std::size_t choose_value_column(std::span<const ValueColumn> columns, const ColumnChoice& choice,
                                const std::filesystem::path& file);

}  // namespace erawise::decode
