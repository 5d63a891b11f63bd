#include "decode/parquet/page_stream.h"

#include <gtest/gtest.h>
#include <lzma.h>
#include <snappy.h>

#include <algorithm>
#include <array>
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

    [[nodiscard]] PageStream::Place place(Codec codec, std::size_t bytes,
                                          std::size_t plain = 0) const {
        return {.begin = 6,
                .compressed_bytes = body_bytes_,
                .uncompressed_bytes = bytes,
                .plain_bytes = plain,
                .codec = codec,
                .checksum = 0};
    }

    /// Reads `bytes` bytes of the page in pieces of `piece`; empty: the stream said no. With
    /// `reopens`, every piece is read by a stream that was somewhere else before.
    std::string read(Codec codec, std::size_t bytes, std::size_t piece, std::size_t plain = 0,
                     bool reopens = false) {
        const RandomFile file(path_);
        PageStream stream(file);
        stream.open(place(codec, bytes, plain));
        std::string text(bytes, '\0');
        for (std::size_t at = 0; at < bytes; at += piece) {
            if (reopens) {
                const PageStream::Mark mark = stream.mark();
                stream.open(place(Codec::none, bytes));
                std::array<char, 3> other{};
                stream.read(other);
                stream.open(place(codec, bytes, plain), mark, piece);
            }
            if (!stream.read(std::span(text).subspan(at, std::min(piece, bytes - at)))) {
                repeats_too_far_ = stream.repeats_too_far();
                return "";
            }
        }
        crc_ = stream.crc();
        return text;
    }

    std::string read_reopened(Codec codec, std::size_t bytes, std::size_t piece,
                              std::size_t plain = 0) {
        return read(codec, bytes, piece, plain, true);
    }

    test::TemporaryFolder folder_;
    std::filesystem::path path_ = folder_ / "page";
    std::size_t body_bytes_ = 0;
    std::optional<std::uint32_t> crc_;
    bool repeats_too_far_ = false;
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

TEST_F(PageStreamTest, GoesOnAtAMarkWhereverItIs) {
    const std::string text = sample();
    for (const std::size_t piece : {1009u, 4096u, 70'001u}) {
        write(packed(text));
        EXPECT_EQ(read_reopened(Codec::snappy, text.size(), piece), text) << piece;
        write(text);
        EXPECT_EQ(read_reopened(Codec::none, text.size(), piece), text) << piece;
    }
    write(std::string(kLevels) + packed(text));
    const std::size_t bytes = kLevels.size() + text.size();
    EXPECT_EQ(read_reopened(Codec::snappy, bytes, 997, kLevels.size()),
              std::string(kLevels) + text);
}

TEST_F(PageStreamTest, GoesOnWithinALiteralWithoutWhatCameBefore) {
    std::mt19937 random(4);
    std::string text(200'000, '\0');
    std::ranges::generate(text, [&] { return static_cast<char>(random()); });
    const std::string body = packed(text);
    write(body);
    const RandomFile file(path_);
    PageStream stream(file);
    stream.open(place(Codec::snappy, text.size()));
    ASSERT_TRUE(stream.skip(100'000));
    const PageStream::Mark mark = stream.mark();
    // All that is in front of the mark is overwritten: nobody may look there.
    write(std::string(mark.input, 'x') + body.substr(mark.input));
    stream.open(place(Codec::snappy, text.size()), mark, 8);
    std::string rest(100'000, '\0');
    ASSERT_TRUE(stream.read(rest));
    EXPECT_EQ(rest, text.substr(100'000));
}

TEST_F(PageStreamTest, BytesThatAreReadyAreThoseThatReadGives) {
    const std::string text = sample();
    write(packed(text));
    const RandomFile file(path_);
    PageStream stream(file);
    stream.open(place(Codec::snappy, text.size()), {}, 1000);
    std::string got;
    std::size_t taken = 0;
    while (got.size() < text.size()) {
        if (const std::span<const char> ready = stream.ready(); !ready.empty()) {
            const std::size_t count = std::min<std::size_t>(ready.size(), 5);
            got.append(ready.data(), count);
            stream.take(count);
            taken += count;
        } else {
            char byte = 0;
            ASSERT_TRUE(stream.read({&byte, 1}));
            got += byte;
        }
    }
    EXPECT_EQ(got, text);
    EXPECT_GT(taken, 10'000);
    EXPECT_EQ(stream.left(), 0);
}

TEST_F(PageStreamTest, SaysWhenACopyReachesBehindItsBlock) {
    // 64 KiB and one byte, then a copy of the first four: the format allows it.
    const std::string text = std::string(65'536, 'a') + "b";
    const std::uint32_t size = 65'536;  // of the literal, less one
    std::string body("\x85\x80\x04", 3);
    body += static_cast<char>(62 << 2);
    body.append(reinterpret_cast<const char*>(&size), 3);
    body += text;
    const std::uint32_t distance = 65'537;
    body += static_cast<char>((4 - 1) << 2 | 3);
    body.append(reinterpret_cast<const char*>(&distance), 4);
    write(body);
    EXPECT_EQ(read(Codec::snappy, 65'541, 65'541), "");
    EXPECT_TRUE(repeats_too_far_);
    const std::uint32_t nearer = 65'536;
    body.replace(body.size() - 4, 4, reinterpret_cast<const char*>(&nearer), 4);
    write(body);
    EXPECT_EQ(read(Codec::snappy, 65'541, 65'541), text + "aaaa");
}

TEST_F(PageStreamTest, KnowsTheChecksumOfWhatIsInTheFile) {
    const std::string body = packed(sample());
    write(body);
    const std::uint32_t crc =
        lzma_crc32(reinterpret_cast<const std::uint8_t*>(body.data()), body.size(), 0);
    read(Codec::snappy, sample().size(), 1000);
    EXPECT_EQ(crc_, crc);
    crc_.reset();
    read_reopened(Codec::snappy, sample().size(), 1000);
    EXPECT_EQ(crc_, crc);
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
    PageStream stream(file);
    stream.open(place(Codec::none, 4));
    std::string text(5, '\0');
    EXPECT_FALSE(stream.read(text));
}

}  // namespace
}  // namespace erawise::decode
