#pragma once

#include <lzma.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace erawise::test {

/// Compresses a text as one .xz stream. `block_bytes` > 0 makes blocks of that size whose headers
/// tell their sizes, as `xz -T2 --block-size` does.
inline std::string compress_xz(const std::string& text, std::size_t block_bytes = 0,
                               std::uint32_t preset = 0, lzma_check check = LZMA_CHECK_CRC64) {
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_mt threading{};
    threading.threads = 1;
    threading.block_size = block_bytes;
    threading.preset = preset;
    threading.check = check;
    const lzma_ret started = block_bytes > 0 ? lzma_stream_encoder_mt(&stream, &threading)
                                             : lzma_easy_encoder(&stream, preset, check);
    if (started != LZMA_OK) {
        throw std::runtime_error("no xz encoder");
    }
    std::string compressed(lzma_stream_buffer_bound(text.size()) + text.size() / 4 + 4096, '\0');
    stream.next_in = reinterpret_cast<const std::uint8_t*>(text.data());
    stream.avail_in = text.size();
    stream.next_out = reinterpret_cast<std::uint8_t*>(compressed.data());
    stream.avail_out = compressed.size();
    lzma_ret code = LZMA_OK;
    while (code == LZMA_OK) {
        code = lzma_code(&stream, LZMA_FINISH);
    }
    compressed.resize(stream.total_out);
    lzma_end(&stream);
    if (code != LZMA_STREAM_END) {
        throw std::runtime_error("xz encoding failed");
    }
    return compressed;
}

}  // namespace erawise::test
