#include "decode/csv/xz_source.h"

#include <cstring>
#include <random>
#include <vector>

#include "decode/xz_samples.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "util/byte_size.h"

namespace erawise::decode {
namespace {

using test::compress_xz;
using test::expect_error;
using testing::AllOf;
using testing::HasSubstr;

std::string sample_text(std::size_t size) {
    std::mt19937 generator(1);
    std::string text;
    while (text.size() < size) {
        text += "0." + std::to_string(generator() % 100) + ",";
    }
    return text;
}

class XzSource : public testing::Test {
  protected:
    std::string read(const std::string& compressed, const XzOptions& options = {}) const {
        const auto source = open_xz_file(folder_.write("a.xz", compressed), options);
        std::string text;
        std::vector<char> buffer(10'000);
        std::size_t count = 0;
        do {
            count = source->read(buffer);
            text.append(buffer.data(), count);
        } while (count == buffer.size());
        EXPECT_EQ(source->read(buffer), 0u);
        EXPECT_EQ(source->consumed_bytes(), compressed.size());
        return text;
    }

    test::TemporaryFolder folder_;
};

TEST_F(XzSource, ReadsOneStream) {
    for (const std::size_t size : {0u, 1u, 9'999u, 10'000u, 300'000u}) {
        const std::string text = sample_text(size);
        EXPECT_EQ(read(compress_xz(text)), text);
    }
}

TEST_F(XzSource, ReadsConcatenatedStreamsWithPadding) {
    const std::string text = sample_text(50'000);
    const std::string padding(8, '\0');
    EXPECT_EQ(read(compress_xz(text) + padding + compress_xz("more") + compress_xz("")),
              text + "more");
}

TEST_F(XzSource, ReadsSeveralBlocksOnSeveralThreads) {
    const std::string text = sample_text(400'000);
    const std::string compressed = compress_xz(text, 50'000);
    EXPECT_EQ(read(compressed), text);
    EXPECT_EQ(read(compressed, {.threads = 4, .threading_limit_bytes = 64 * util::kMiB}), text);
}

TEST_F(XzSource, ThreadsThatDoNotFitTheirLimitAreLeftOut) {
    const std::string text = sample_text(400'000);
    const std::string compressed = compress_xz(text, 100'000);
    const std::uint64_t one = xz_memory_bytes(folder_.write("b.xz", compressed));
    EXPECT_EQ(read(compressed, {.memory_limit_bytes = one + 4 * util::kMiB,
                                .threads = 4,
                                .threading_limit_bytes = one}),
              text);
}

TEST_F(XzSource, TruncatedAnywhereIsADataErrorWithBothPositions) {
    const std::string compressed = compress_xz(sample_text(30'000), 10'000);
    for (std::size_t size = 1; size < compressed.size(); size += 1 + size / 50) {
        SCOPED_TRACE(size);
        const std::string message =
            expect_error(util::ErrorKind::data, [&] { read(compressed.substr(0, size)); });
        EXPECT_THAT(message, AllOf(HasSubstr("a.xz"), HasSubstr("truncated"),
                                   HasSubstr("of the file"), HasSubstr("of the decoded text")));
    }
}

TEST_F(XzSource, TruncatedInTheLastHundredBytesIsADataError) {
    const std::string compressed = compress_xz(sample_text(30'000));
    for (std::size_t missing = 1; missing <= 100; ++missing) {
        expect_error(util::ErrorKind::data,
                     [&] { read(compressed.substr(0, compressed.size() - missing)); });
    }
}

TEST_F(XzSource, AFlippedBitAnywhereIsADataError) {
    const std::string compressed = compress_xz(sample_text(20'000));
    for (std::size_t position = 0; position < compressed.size(); position += 37) {
        std::string damaged = compressed;
        damaged[position] = static_cast<char>(damaged[position] ^ 0x10);
        SCOPED_TRACE(position);
        expect_error(util::ErrorKind::data, [&] { read(damaged); });
    }
}

TEST_F(XzSource, TrailingGarbageIsADataError) {
    EXPECT_THAT(
        expect_error(util::ErrorKind::data, [&] { read(compress_xz("a") + std::string(16, 'g')); }),
        HasSubstr("the xz stream is corrupt at byte"));
}

TEST_F(XzSource, DictionaryBeyondTheLimitIsAMemoryErrorWithTheNumber) {
    const std::string compressed = compress_xz(sample_text(1000), 0, 6);  // 8 MiB dictionary
    const std::uint64_t needed = xz_memory_bytes(folder_.write("b.xz", compressed));
    EXPECT_GT(needed, 8 * util::kMiB);
    EXPECT_LT(needed, 9 * util::kMiB);
    EXPECT_THAT(expect_error(util::ErrorKind::memory,
                             [&] { read(compressed, {.memory_limit_bytes = 4 * util::kMiB}); }),
                AllOf(HasSubstr(util::format_byte_size(needed)), HasSubstr("4.0 MiB")));
    EXPECT_NO_THROW(read(compressed, {.memory_limit_bytes = needed}));
}

TEST_F(XzSource, TheMemoryIsThatOfTheLargestDictionaryWhereverItIs) {
    const std::string small = compress_xz(sample_text(1000), 0, 0);  // 256 KiB
    const std::string large = compress_xz(sample_text(1000), 0, 6);  // 8 MiB
    const std::uint64_t needed = xz_memory_bytes(folder_.write("l.xz", large));
    EXPECT_LT(xz_memory_bytes(folder_.write("s.xz", small)), util::kMiB);
    const std::string padding(8, '\0');
    for (const std::string& both : {small + large, large + small, small + padding + large + padding,
                                    small + small + large + small}) {
        EXPECT_EQ(xz_memory_bytes(folder_.write("b.xz", both)), needed);
        EXPECT_NO_THROW(read(both, {.memory_limit_bytes = needed}));
        expect_error(util::ErrorKind::memory,
                     [&] { read(both, {.memory_limit_bytes = needed - 1}); });
    }
}

TEST_F(XzSource, TheMemoryOfADamagedFileIsThatOfItsFirstBlock) {
    const std::string large = compress_xz(sample_text(1000), 0, 6);
    const std::uint64_t needed = xz_memory_bytes(folder_.write("a.xz", large));
    for (std::size_t size = 32; size < large.size(); ++size) {
        EXPECT_EQ(xz_memory_bytes(folder_.write("a.xz", large.substr(0, size))), needed) << size;
    }
    EXPECT_EQ(xz_memory_bytes(folder_.write("a.xz", large + std::string(16, 'g'))), needed);
}

/// The check's type stands in the stream's header and footer, each with a CRC32 of its own.
std::string with_unknown_check(std::string compressed) {
    constexpr char kUnknown = 2;  // reserved, 4 bytes; those of a CRC32 are read over
    const auto set = [&](std::size_t flags, std::size_t from, std::size_t size,
                         std::size_t crc_at) {
        compressed[flags] = kUnknown;
        const std::uint32_t crc =
            lzma_crc32(reinterpret_cast<const std::uint8_t*>(compressed.data()) + from, size, 0);
        std::memcpy(compressed.data() + crc_at, &crc, sizeof crc);
    };
    const std::size_t end = compressed.size();
    set(7, 6, 2, 8);
    set(end - 3, end - 8, 6, end - 12);
    return compressed;
}

TEST_F(XzSource, ACheckThatCannotBeVerifiedIsAWarning) {
    const std::string text = sample_text(30'000);
    const std::string known = compress_xz(text, 0, 0, LZMA_CHECK_CRC32);
    const std::string compressed = with_unknown_check(known);
    for (const unsigned threads : {1u, 4u}) {
        testing::internal::CaptureStdout();
        EXPECT_EQ(read(compressed + compressed,
                       {.threads = threads, .threading_limit_bytes = 64 * util::kMiB}),
                  text + text);
        EXPECT_EQ(read(known, {.threads = threads}), text);
        const std::string log = testing::internal::GetCapturedStdout();
        EXPECT_THAT(log, HasSubstr("is not verified"));
        EXPECT_EQ(log.find("is not verified"), log.rfind("is not verified")) << log;
    }
}

TEST_F(XzSource, MissingFileIsADiskError) {
    expect_error(util::ErrorKind::disk, [&] { open_xz_file(folder_ / "absent", {}); });
}

}  // namespace
}  // namespace erawise::decode
