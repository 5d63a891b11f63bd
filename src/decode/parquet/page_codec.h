#pragma once

#include <span>

#include "decode/parquet/footer.h"

namespace erawise::decode {

/// Decompresses a page: `output` has the size that its header promises, and is filled exactly.
/// False when the bytes are damaged or have another size. Codec::none and Codec::lzo are not
/// decompressed here. Any thread.
bool decompress_page(Codec codec, std::span<const char> input, std::span<char> output);

}  // namespace erawise::decode
