#pragma once

#include <cstddef>
#include <memory>

#include "decode/byte_source.h"

namespace erawise::decode {

/// Three buffers: one that is filled, one that waits, one that is read.
inline constexpr std::size_t kReadAheadBuffers = 3;
inline constexpr std::size_t kReadAheadBytes = 256 * 1024;

/// Reads `source` on a thread of its own, up to kReadAheadBuffers x kReadAheadBytes ahead.
/// An error of the source is thrown by read() when its place in the stream is reached.
std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source);

}  // namespace erawise::decode
