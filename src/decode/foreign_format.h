#pragma once

#include <cstddef>
#include <string_view>

namespace erawise::decode {

/// As many of the first bytes as foreign_format() looks at: the header of a tar archive.
inline constexpr std::size_t kForeignBytes = 512;

/// What people have in the place of data, by its first bytes: "a gzip file: unpack it first", with
/// the remedy. Empty for anything that may be CSV. Parquet and xz, which are data at the beginning
/// of a file, are foreign within a text.
std::string_view foreign_format(std::string_view begin) noexcept;

/// The same at the beginning of a text that was decompressed.
std::string_view foreign_text(std::string_view begin) noexcept;

}  // namespace erawise::decode
