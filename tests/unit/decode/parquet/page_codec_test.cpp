#include "decode/parquet/page_codec.h"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <lz4.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <random>
#include <string>

namespace erawise::decode {
namespace {

std::string sample() {
    std::mt19937 random(1);
    std::string text;
    for (int i = 0; i < 5000; ++i) {
        text += static_cast<char>(random() % 5);
    }
    return text;
}

std::string snappy_packed(const std::string& text) {
    std::string packed;
    snappy::Compress(text.data(), text.size(), &packed);
    return packed;
}

std::string zstd_packed(const std::string& text) {
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
    return packed;
}

std::string lz4_packed(const std::string& text) {
    const int size = static_cast<int>(text.size());
    std::string packed(static_cast<std::size_t>(LZ4_compressBound(size)), '\0');
    packed.resize(static_cast<std::size_t>(
        LZ4_compress_default(text.data(), packed.data(), size, static_cast<int>(packed.size()))));
    return packed;
}

/// The framing of old writers: the lengths of the block, unpacked and packed, big-endian.
std::string hadoop_lz4_packed(const std::string& text) {
    const auto big_endian = [](std::size_t value) {
        return std::string{static_cast<char>(value >> 24), static_cast<char>(value >> 16),
                           static_cast<char>(value >> 8), static_cast<char>(value)};
    };
    std::string packed;
    for (const std::string& part : {text.substr(0, 2000), text.substr(2000)}) {
        const std::string block = lz4_packed(part);
        packed += big_endian(part.size()) + big_endian(block.size()) + block;
    }
    return packed;
}

std::string gzip_packed(const std::string& text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string input = text;
    std::string packed(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

std::string brotli_packed(const std::string& text) {
    std::size_t size = BrotliEncoderMaxCompressedSize(text.size());
    std::string packed(size, '\0');
    EXPECT_TRUE(BrotliEncoderCompress(5, 18, BROTLI_MODE_GENERIC, text.size(),
                                      reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                      reinterpret_cast<std::uint8_t*>(packed.data())));
    packed.resize(size);
    return packed;
}

struct Sample {
    Codec codec;
    const char* name;
    std::string (*pack)(const std::string&);
};

class PageCodec : public testing::TestWithParam<Sample> {};

TEST_P(PageCodec, UnpacksExactlyWhatWasPacked) {
    const std::string text = sample();
    const std::string packed = GetParam().pack(text);
    std::string found(text.size(), '\0');
    ASSERT_TRUE(decompress_page(GetParam().codec, packed, found));
    EXPECT_EQ(found, text);
    std::string smaller(text.size() - 1, '\0');
    EXPECT_FALSE(decompress_page(GetParam().codec, packed, smaller));
    std::string larger(text.size() + 1, '\0');
    EXPECT_FALSE(decompress_page(GetParam().codec, packed, larger));
}

TEST_P(PageCodec, DamageIsNoticedOrHarmless) {
    const std::string text = sample();
    const std::string packed = GetParam().pack(text);
    std::string found(text.size(), '\0');
    for (std::size_t size = 0; size < packed.size(); size += 1 + packed.size() / 50) {
        EXPECT_FALSE(decompress_page(GetParam().codec, std::span(packed).first(size), found))
            << size << " of " << packed.size();
    }
    std::mt19937 random(2);
    for (int i = 0; i < 500; ++i) {
        std::string damaged = packed;
        damaged[random() % damaged.size()] ^= static_cast<char>(1u << random() % 8);
        static_cast<void>(decompress_page(GetParam().codec, damaged, found));
    }
}

INSTANTIATE_TEST_SUITE_P(All, PageCodec,
                         testing::Values(Sample{Codec::snappy, "snappy", snappy_packed},
                                         Sample{Codec::zstd, "zstd", zstd_packed},
                                         Sample{Codec::gzip, "gzip", gzip_packed},
                                         Sample{Codec::brotli, "brotli", brotli_packed},
                                         Sample{Codec::lz4_raw, "lz4_raw", lz4_packed},
                                         Sample{Codec::lz4, "lz4_hadoop", hadoop_lz4_packed}),
                         [](const auto& sample) { return sample.param.name; });

}  // namespace
}  // namespace erawise::decode
