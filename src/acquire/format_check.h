#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace erawise::acquire {

/// Looks at both ends of a downloaded file: a .parquet file starts and ends with "PAR1", an .xz
/// file has the magic bytes of its header and of its footer. A text for people when they are
/// missing; empty when the file is whole as far as its ends tell, and for other formats. `name` is
/// the dataset's. Error(disk) when the file cannot be read.
///
/// Sources: Parquet format, "File Format"; The .xz File Format, sections 2.1.1 and 2.1.2.
std::string format_problem(const std::filesystem::path& file, std::string_view name);

}  // namespace erawise::acquire
