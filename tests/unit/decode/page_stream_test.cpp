#include "decode/page_stream.h"

#include <gtest/gtest.h>
#include <lzma.h>
#include <snappy.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "support/temporary_folder.h"

namespace erawise::decode {
namespace {

constexpr std::string_view kLevels = "levels of a page";

/// Ids as they are in a page: they repeat each other near and far, over more than 64 KiB.
std::string sample() {
    std::mt19937 random(3);
    std::string text;
    while (text.size() < 300'000) {
        text += 'n';
        for (int i = 0; i < 15; ++i) {
            text += "0123456789abcdef"[random() % 16];
        }
        if (random() % 8 == 0) {
            text += std::string(random() % 300, 'x');
        }
    }
    return text;
}

std::string packed(const std::string& text) {
    std::string result;
    snappy::Compress(text.data(), text.size(), &result);
    return result;
}

class PageStreamTest : public testing::Test {
  protected:
    /// A page with `body` in a file, behind something else.
    void write(const std::string& body) {
        std::ofstream(path_, std::ios::binary) << "header" << body << "the next page";
        body_bytes_ = body.size();
    }

    /// Reads `bytes` bytes of the page in pieces of `piece`; empty: the stream said no.
    std::string read(Codec codec, std::size_t bytes, std::size_t piece, std::size_t plain = 0) {
        const RandomFile file(path_);
        PageStream stream(file, codec,
                          {.begin = 6,
                           .compressed_bytes = body_bytes_,
                           .uncompressed_bytes = bytes,
                           .plain_bytes = plain});
        std::string text(bytes, '\0');
        for (std::size_t at = 0; at < bytes; at += piece) {
            if (!stream.read(std::span(text).subspan(at, std::min(piece, bytes - at)))) {
                return "";
            }
        }
        crc_ = stream.crc();
        return text;
    }

    test::TemporaryFolder folder_;
    std::filesystem::path path_ = folder_ / "page";
    std::size_t body_bytes_ = 0;
    std::optional<std::uint32_t> crc_;
};

TEST_F(PageStreamTest, PiecesOfAnySizeAreTheWholePage) {
    const std::string text = sample();
    for (const std::size_t piece : {1u, 7u, 4096u, 100'000u, 1'000'000u}) {
        write(packed(text));
        EXPECT_EQ(read(Codec::snappy, text.size(), piece), text) << piece;
        write(text);
        EXPECT_EQ(read(Codec::none, text.size(), piece), text) << piece;
    }
}

TEST_F(PageStreamTest, LevelsInFrontAreNotCompressed) {
    const std::string text = sample();
    write(std::string(kLevels) + packed(text));
    const std::size_t bytes = kLevels.size() + text.size();
    EXPECT_EQ(read(Codec::snappy, bytes, 5, kLevels.size()), std::string(kLevels) + text);
}

TEST_F(PageStreamTest, KnowsTheChecksumOfWhatIsInTheFile) {
    const std::string body = packed(sample());
    write(body);
    read(Codec::snappy, sample().size(), 1000);
    EXPECT_EQ(crc_, lzma_crc32(reinterpret_cast<const std::uint8_t*>(body.data()), body.size(), 0));
}

TEST_F(PageStreamTest, ATruncatedPageIsDamaged) {
    const std::string text = sample();
    const std::string body = packed(text);
    for (const std::size_t bytes :
         {std::size_t{0}, std::size_t{1}, std::size_t{5}, body.size() / 2, body.size() - 1}) {
        write(body.substr(0, bytes));
        EXPECT_EQ(read(Codec::snappy, text.size(), 4096), "") << bytes;
    }
}

TEST_F(PageStreamTest, RepeatingWhatWasNotThereIsDamage) {
    for (const std::string& body : {std::string("\x08\x0C"
                                                "abcd"
                                                "\x01\x05",
                                                8),  // 5 back, of 4
                                    std::string("\x08\x0C"
                                                "abcd"
                                                "\x01\x00",
                                                8)}) {  // 0 back
        write(body);
        EXPECT_EQ(read(Codec::snappy, 8, 8), "");
    }
    write(
        std::string("\x08\x0C"
                    "abcd"
                    "\x01\x04",
                    8));
    EXPECT_EQ(read(Codec::snappy, 8, 3), "abcdabcd");
}

TEST_F(PageStreamTest, ThereAreNoMoreBytesThanTheHeaderSays) {
    write("four");
    const RandomFile file(path_);
    PageStream stream(file, Codec::none,
                      {.begin = 6, .compressed_bytes = 4, .uncompressed_bytes = 4});
    std::string text(5, '\0');
    EXPECT_FALSE(stream.read(text));
}

}  // namespace
}  // namespace erawise::decode
