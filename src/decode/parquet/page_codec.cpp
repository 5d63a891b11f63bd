#include "decode/parquet/page_codec.h"

#include <brotli/decode.h>
#include <lz4.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <climits>
#include <cstdint>

namespace erawise::decode {
namespace {

bool decompress_snappy(std::span<const char> input, std::span<char> output) {
    std::size_t size = 0;
    return snappy_uncompressed_length(input.data(), input.size(), &size) == SNAPPY_OK &&
           size == output.size() &&
           snappy_uncompress(input.data(), input.size(), output.data(), &size) == SNAPPY_OK &&
           size == output.size();
}

bool decompress_gzip(std::span<const char> input, std::span<char> output) {
    constexpr int kAnyHeader = MAX_WBITS + 32;
    z_stream stream{};
    if (inflateInit2(&stream, kAnyHeader) != Z_OK) {
        return false;
    }
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(output.data());
    stream.avail_out = static_cast<uInt>(output.size());
    int status = inflate(&stream, Z_FINISH);
    // A page may be several gzip members.
    while (status == Z_STREAM_END && stream.avail_in > 0 && stream.avail_out > 0 &&
           inflateReset(&stream) == Z_OK) {
        status = inflate(&stream, Z_FINISH);
    }
    inflateEnd(&stream);
    return status == Z_STREAM_END && stream.avail_out == 0;
}

bool decompress_brotli(std::span<const char> input, std::span<char> output) {
    std::size_t size = output.size();
    return BrotliDecoderDecompress(
               input.size(), reinterpret_cast<const std::uint8_t*>(input.data()), &size,
               reinterpret_cast<std::uint8_t*>(output.data())) == BROTLI_DECODER_RESULT_SUCCESS &&
           size == output.size();
}

bool decompress_zstd(std::span<const char> input, std::span<char> output) {
    const std::size_t size =
        ZSTD_decompress(output.data(), output.size(), input.data(), input.size());
    return ZSTD_isError(size) == 0 && size == output.size();
}

bool decompress_lz4(std::span<const char> input, std::span<char> output) {
    const int size =
        LZ4_decompress_safe(input.data(), output.data(), static_cast<int>(input.size()),
                            static_cast<int>(output.size()));
    return size >= 0 && static_cast<std::size_t>(size) == output.size();
}

std::uint32_t big_endian(std::span<const char> bytes) {
    std::uint32_t value = 0;
    for (const char byte : bytes.first(4)) {
        value = value << 8 | static_cast<std::uint8_t>(byte);
    }
    return value;
}

/// The codec number that the format calls deprecated: Hadoop's frames, each with its two lengths;
/// some writers put a bare block there.
bool decompress_hadoop_lz4(std::span<const char> input, std::span<char> output) {
    std::span<const char> rest = input;
    std::span<char> room = output;
    while (rest.size() >= 8) {
        const std::uint32_t uncompressed = big_endian(rest);
        const std::uint32_t compressed = big_endian(rest.subspan(4));
        if (uncompressed > room.size() || compressed > rest.size() - 8 ||
            !decompress_lz4(rest.subspan(8, compressed), room.first(uncompressed))) {
            break;
        }
        rest = rest.subspan(8 + compressed);
        room = room.subspan(uncompressed);
    }
    return (rest.empty() && room.empty()) || decompress_lz4(input, output);
}

}  // namespace

bool decompress_page(Codec codec, std::span<const char> input, std::span<char> output) {
    if (input.size() > INT_MAX || output.size() > INT_MAX) {
        return false;
    }
    switch (codec) {
        case Codec::snappy:
            return decompress_snappy(input, output);
        case Codec::gzip:
            return decompress_gzip(input, output);
        case Codec::brotli:
            return decompress_brotli(input, output);
        case Codec::lz4:
            return decompress_hadoop_lz4(input, output);
        case Codec::zstd:
            return decompress_zstd(input, output);
        case Codec::lz4_raw:
            return decompress_lz4(input, output);
        case Codec::none:
        case Codec::lzo:
            break;
    }
    return false;
}

}  // namespace erawise::decode
