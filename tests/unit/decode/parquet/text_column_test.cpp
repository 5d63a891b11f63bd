#include "decode/parquet/text_column.h"

#include <gtest/gtest.h>
#include <lzma.h>
#include <snappy.h>

#include <fstream>
#include <string>

#include "support/temporary_folder.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

constexpr std::uint32_t kRows = 150'000;

/// Texts of which the one half is the other half again, far away.
std::string text_of(std::uint32_t row) {
    const std::uint32_t number = row % (kRows / 2) * 2654435761U;
    return "n" + std::to_string(number) + "000000000000";
}

std::string plain_values() {
    std::string bytes;
    for (std::uint32_t row = 0; row < kRows; ++row) {
        const std::string text = text_of(row);
        const auto size = static_cast<std::uint32_t>(text.size());
        bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
        bytes += text;
    }
    return bytes;
}

void append_varint(std::string& bytes, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
        bytes += static_cast<char>(value | 0x80);
    }
    bytes += static_cast<char>(value);
}

/// As some writers pack: literals, and copies from anywhere in the page.
std::string packed_far(const std::string& bytes) {
    std::string packed;
    append_varint(packed, bytes.size());
    const std::size_t half = bytes.size() / 2;
    for (std::size_t at = 0; at < half; at += 50'000) {
        const std::size_t count = std::min<std::size_t>(50'000, half - at);
        const auto size = static_cast<std::uint16_t>(count - 1);
        packed += static_cast<char>(61 << 2);
        packed.append(reinterpret_cast<const char*>(&size), sizeof size);
        packed += bytes.substr(at, count);
    }
    const auto distance = static_cast<std::uint32_t>(half);
    for (std::size_t at = half; at < bytes.size(); at += 64) {
        packed += static_cast<char>((std::min<std::size_t>(64, bytes.size() - at) - 1) << 2 | 3);
        packed.append(reinterpret_cast<const char*>(&distance), sizeof distance);
    }
    return packed;
}

std::string packed_near(const std::string& bytes) {
    std::string packed;
    snappy::Compress(bytes.data(), bytes.size(), &packed);
    return packed;
}

class TextColumnTest : public testing::Test {
  protected:
    /// A chunk of one large page: its header in Thrift's compact protocol, then `body`.
    void write(const std::string& body, std::size_t bytes) {
        const auto number = [](std::uint64_t value) {
            std::string varint;
            append_varint(varint, 2 * value);  // zigzag
            return varint;
        };
        const std::uint32_t crc =
            lzma_crc32(reinterpret_cast<const std::uint8_t*>(body.data()), body.size(), 0);
        const auto signed_crc = static_cast<std::int32_t>(crc);
        std::string crc_varint;
        append_varint(crc_varint, static_cast<std::uint32_t>(signed_crc) << 1 ^
                                      static_cast<std::uint32_t>(signed_crc >> 31));
        const std::string header = "\x15" + number(0) + "\x15" + number(bytes) + "\x15" +
                                   number(body.size()) + "\x15" + crc_varint + "\x1C" + "\x15" +
                                   number(kRows) + "\x15" + number(0) + "\x15" + number(3) +
                                   "\x15" + number(3) + std::string(2, '\0');
        std::ofstream(path_, std::ios::binary) << header << body;
        chunk_ = {.end = header.size() + body.size(), .values = kRows, .codec = Codec::snappy};
    }

    /// The number of rows whose text is not the expected one.
    int wrong_rows(PageLimits limits) {
        const RandomFile file(path_);
        TextColumn column(file, column_, limits);
        column.open(chunk_);
        int wrong = 0;
        for (std::uint32_t row = 0; row < kRows; ++row) {
            wrong += column.next() == text_of(row) ? 0 : 1;
        }
        return wrong;
    }

    test::TemporaryFolder folder_;
    std::filesystem::path path_ = folder_ / "chunk";
    ParquetColumn column_{.name = "id", .type = PhysicalType::byte_array, .meaning = Meaning::text};
    ColumnChunk chunk_;
    const std::string values_ = plain_values();
};

constexpr PageLimits kNoLargePages{.bytes = 100'000};

TEST_F(TextColumnTest, ALargePageIsReadInPieces) {
    ASSERT_GT(values_.size(), TextColumn::kLargePageBytes);
    write(packed_near(values_), values_.size());
    EXPECT_EQ(wrong_rows(kNoLargePages), 0);
}

TEST_F(TextColumnTest, APageThatRepeatsWhatIsFarBackIsReadWholeFromThereOn) {
    const std::string packed = packed_far(values_);
    std::string unpacked;
    ASSERT_TRUE(snappy::Uncompress(packed.data(), packed.size(), &unpacked));
    ASSERT_EQ(unpacked, values_);
    write(packed, values_.size());
    EXPECT_EQ(wrong_rows({}), 0);
    try {
        wrong_rows(kNoLargePages);
        FAIL() << "the page does not fit the limit";
    } catch (const util::Error& error) {
        EXPECT_EQ(error.kind(), util::ErrorKind::memory);
    }
}

TEST_F(TextColumnTest, DamageInALargePageIsFoundAtItsEnd) {
    std::string packed = packed_near(values_);
    packed[packed.size() - 3] ^= 1;
    const std::string damaged = packed;
    packed[packed.size() - 3] ^= 1;
    write(packed, values_.size());
    // The header has the checksum of what is not there.
    std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary)
            .seekp(static_cast<std::streamoff>(chunk_.end - damaged.size()))
        << damaged;
    EXPECT_THROW(wrong_rows(kNoLargePages), util::Error);
}

TEST_F(TextColumnTest, APageOfMoreBytesThanItsHeaderSaysIsDamaged) {
    const std::string more = values_ + "more";
    write(packed_near(more), values_.size());
    EXPECT_THROW(wrong_rows(kNoLargePages), util::Error);
}

}  // namespace
}  // namespace erawise::decode
