#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace erawise::decode {

/// Which column has the ids: `id`; else the index of a DataFrame, by the names that it has in
/// files: `__index_level_0__` (pyarrow), `index` (fastparquet, reset_index), or, as the first
/// column, no name (to_csv) or `Unnamed: 0` (to_csv, read and written again).
std::optional<std::size_t> find_id_column(std::span<const std::string> names);

/// The same, with a line in the log where the name does not tell that it has ids. Error(data) when
/// there is none; `file` stands in messages.
std::size_t require_id_column(std::span<const std::string> names, const std::string& file);

}  // namespace erawise::decode
