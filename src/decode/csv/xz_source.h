#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "decode/byte_source.h"

namespace erawise::decode {

struct XzOptions {
    /// What the decoder may use at most; a stream that needs more is Error(memory) with the number.
    std::uint64_t memory_limit_bytes = UINT64_MAX;
    /// Threads for files of several blocks. More than one decodes ahead within
    /// `threading_limit_bytes`, and falls back to one where that is too little.
    unsigned threads = 1;
    std::uint64_t threading_limit_bytes = 0;
};

/// Decompresses an .xz file (https://tukaani.org/xz/xz-file-format.txt): concatenated streams,
/// stream padding, integrity checks verified; a check that liblzma does not know is a warning. A
/// stream that ends early or does not verify is Error(data) with the positions in the file and in
/// the decoded bytes.
std::unique_ptr<ByteSource> open_xz_file(const std::filesystem::path& path,
                                         const XzOptions& options);

/// Version of liblzma: "5.8.4".
const char* xz_library_version();

/// What decoding `path` takes, mostly a dictionary: that of the block that has the largest one, in
/// all of its streams. That of the first block when the file is damaged.
std::uint64_t xz_memory_bytes(const std::filesystem::path& path);

}  // namespace erawise::decode
