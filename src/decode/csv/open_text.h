#pragma once

#include <filesystem>
#include <memory>

#include "decode/byte_source.h"
#include "decode/decoder.h"

namespace erawise::decode {

/// The text of a CSV file, decompressed where it is .xz.
std::unique_ptr<ByteSource> open_text(const std::filesystem::path& path,
                                      const DecodeOptions& options);

/// By the file's first bytes. Error(data) for what is neither Parquet nor CSV.
bool is_parquet(const std::filesystem::path& path);

}  // namespace erawise::decode
