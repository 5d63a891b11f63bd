#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "decode/parquet/delta_values.h"
#include "decode/parquet/hybrid_runs.h"

namespace erawise::decode {
namespace {

/// With the bytes behind it that may be read.
class Bytes {
  public:
    explicit Bytes(std::string content) : size_(content.size()), content_(std::move(content)) {
        content_.append(64, '\x55');
    }
    [[nodiscard]] std::span<const char> span() const { return {content_.data(), size_}; }

  private:
    std::size_t size_;
    std::string content_;
};

std::vector<std::uint32_t> values_of(HybridRuns runs, unsigned width, std::size_t most) {
    std::vector<std::uint32_t> values;
    while (values.size() < most) {
        const HybridRuns::Run run = runs.next(most - values.size());
        if (run.count == 0) {
            break;
        }
        for (std::size_t i = 0; i < run.count; ++i) {
            values.push_back(run.kind == HybridRuns::Kind::repeated
                                 ? run.value
                                 : packed_value(run.bytes, run.first + i, width));
        }
    }
    return values;
}

TEST(HybridRuns, ReadsTheExampleOfTheFormat) {
    // Parquet's own example of bit-packing: the numbers 0 to 7 in three bits.
    const Bytes bytes("\x03\x88\xC6\xFA");
    EXPECT_EQ(values_of(HybridRuns(bytes.span(), 3), 3, 100),
              (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(HybridRuns, RunsOfBothKindsFollowEachOther) {
    const Bytes bytes(std::string("\x06\x04\x03\x88\xC6\xFA\xD0\x0F\x01", 9));
    const std::vector<std::uint32_t> values = values_of(HybridRuns(bytes.span(), 3), 3, 5000);
    ASSERT_EQ(values.size(), 3u + 8u + 1000u);
    EXPECT_EQ(values[2], 4u);
    EXPECT_EQ(values[3], 0u);
    EXPECT_EQ(values[10], 7u);
    EXPECT_EQ(values.back(), 1u);
}

TEST(HybridRuns, SkippingIsReading) {
    const Bytes bytes(std::string("\x06\x04\x03\x88\xC6\xFA\xD0\x0F\x01", 9));
    const std::vector<std::uint32_t> all = values_of(HybridRuns(bytes.span(), 3), 3, 5000);
    HybridRuns runs(bytes.span(), 3);
    const auto next = [&](std::size_t limit) { return runs.next(limit); };
    for (std::size_t skip = 0; skip < 20; ++skip) {
        runs = HybridRuns(bytes.span(), 3);
        ASSERT_TRUE(skip_values(next, skip));
        EXPECT_EQ(values_of(runs, 3, 5000),
                  std::vector(all.begin() + static_cast<std::ptrdiff_t>(skip), all.end()));
    }
    runs = HybridRuns(bytes.span(), 3);
    EXPECT_FALSE(skip_values(next, all.size() + 1));
}

TEST(HybridRuns, WidthZeroIsAllZeros) {
    const Bytes bytes("\x05");
    EXPECT_EQ(values_of(HybridRuns(bytes.span(), 0), 0, 100).size(), 16u);
}

TEST(HybridRuns, DamageEndsTheValues) {
    for (const char* const damaged : {"", "\x80", "\xff\xff\xff\xff\xff\xff\xff", "\x06"}) {
        const Bytes bytes(damaged);
        EXPECT_TRUE(values_of(HybridRuns(bytes.span(), 3), 3, 100).empty());
    }
    // A run that promises more than there is ends where the bytes end.
    const Bytes bytes("\xff\x7f\x88\xC6\xFA");
    EXPECT_EQ(values_of(HybridRuns(bytes.span(), 3), 3, 100).size(), 8u);
}

void append_varint(std::string& bytes, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
        bytes.push_back(static_cast<char>(value | 0x80));
    }
    bytes.push_back(static_cast<char>(value));
}

void append_zigzag(std::string& bytes, std::int64_t value) {
    append_varint(bytes,
                  static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
}

/// DELTA_BINARY_PACKED in blocks of 128 values and four miniblocks, the straightforward way.
std::string delta_packed(const std::vector<std::int64_t>& values) {
    std::string bytes;
    append_varint(bytes, 128);
    append_varint(bytes, 4);
    append_varint(bytes, values.size());
    append_zigzag(bytes, values.front());
    for (std::size_t begin = 1; begin < values.size(); begin += 128) {
        const std::size_t end = std::min(values.size(), begin + 128);
        std::vector<std::uint64_t> deltas;
        std::int64_t least = INT64_MAX;
        for (std::size_t i = begin; i < end; ++i) {
            const auto delta = static_cast<std::int64_t>(static_cast<std::uint64_t>(values[i]) -
                                                         static_cast<std::uint64_t>(values[i - 1]));
            deltas.push_back(static_cast<std::uint64_t>(delta));
            least = std::min(least, delta);
        }
        append_zigzag(bytes, least);
        const std::size_t used = (deltas.size() + 31) / 32;
        deltas.resize(128, static_cast<std::uint64_t>(least));
        std::string packed;
        for (std::size_t miniblock = 0; miniblock < 4; ++miniblock) {
            unsigned width = 0;
            for (std::size_t i = 0; i < 32; ++i) {
                deltas[miniblock * 32 + i] -= static_cast<std::uint64_t>(least);
                width = std::max(width,
                                 static_cast<unsigned>(std::bit_width(deltas[miniblock * 32 + i])));
            }
            bytes.push_back(static_cast<char>(width));
            std::string part(miniblock < used ? 4 * width : 0, '\0');
            for (std::size_t bit = 0; miniblock < used && bit < 32 * width; ++bit) {
                const std::uint64_t set = deltas[miniblock * 32 + bit / width] >> (bit % width) & 1;
                part[bit / 8] =
                    static_cast<char>(static_cast<unsigned char>(part[bit / 8]) | set << (bit % 8));
            }
            packed += part;
        }
        bytes += packed;
    }
    return bytes;
}

TEST(DeltaValues, GivesBackWhatWasPacked) {
    std::mt19937_64 random(3);
    for (const unsigned bits : {0u, 1u, 7u, 31u, 33u, 63u, 64u}) {
        for (const std::size_t count : {1u, 2u, 32u, 33u, 129u, 130u, 1000u}) {
            std::vector<std::int64_t> values(count);
            for (std::int64_t& value : values) {
                value = bits == 0 ? 5 : static_cast<std::int64_t>(random()) >> (64 - bits);
            }
            const std::string packed = delta_packed(values);
            const Bytes bytes(packed + "rest");
            DeltaValues found(bytes.span());
            EXPECT_EQ(found.left(), count);
            DeltaValues skipped = found;
            for (const std::int64_t value : values) {
                ASSERT_EQ(found.next(), value) << bits << " bits, " << count << " values";
            }
            EXPECT_EQ(found.next(), std::nullopt);
            EXPECT_EQ(skipped.finish(), bytes.span().data() + packed.size());
        }
    }
}

TEST(DeltaValues, TruncatedAnywhereEndsEarly) {
    const std::string whole = delta_packed({1, 2, 4, 8, 16, 1000, -5});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Bytes bytes(whole.substr(0, size));
        DeltaValues values(bytes.span());
        EXPECT_EQ(values.finish(), nullptr) << size;
    }
}

}  // namespace
}  // namespace erawise::decode
