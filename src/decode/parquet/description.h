#pragma once

#include <filesystem>
#include <string>

namespace erawise::decode {

/// What the metadata of a Parquet file say, as lines for people: schema, row groups, codecs,
/// encodings. No page is read. Empty for files in other formats. Errors: Error(data), Error(disk).
std::string describe_parquet(const std::filesystem::path& path);

}  // namespace erawise::decode
