#include "decode/parquet/plane_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace erawise::decode {
namespace {

constexpr std::size_t kRows = 700;
constexpr std::size_t kWords = kRows / 64 + 4;

/// Four planes that begin with noise: what is outside of a call's rows must stay.
struct Rows {
    explicit Rows(std::uint64_t seed) {
        std::mt19937_64 random(seed);
        for (unsigned plane = 0; plane < era::kMaxPlanes; ++plane) {
            words[plane].resize(kWords);
            for (std::uint64_t& word : words[plane]) {
                word = random();
            }
            planes[plane] = words[plane].data();
        }
    }
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    [[nodiscard]] unsigned code(std::size_t row, unsigned width) const {
        unsigned result = 0;
        for (unsigned plane = 0; plane < width; ++plane) {
            result |= static_cast<unsigned>(words[plane][row / 64] >> (row % 64) & 1) << plane;
        }
        return result;
    }

    std::array<std::vector<std::uint64_t>, era::kMaxPlanes> words;
    Planes planes{};
};

std::vector<unsigned> random_codes(unsigned width, std::size_t count) {
    std::mt19937 random(width);
    std::vector<unsigned> codes(count);
    for (unsigned& code : codes) {
        code = static_cast<unsigned>(random()) & ((1u << width) - 1);
    }
    return codes;
}

/// Bit-packed as Parquet does, with the padding that may be read.
std::string pack(const std::vector<unsigned>& codes, unsigned width) {
    std::string bytes(codes.size() * width / 8 + 1 + 64, '\0');
    for (std::size_t i = 0; i < codes.size() * width; ++i) {
        const unsigned bit = codes[i / width] >> (i % width) & 1;
        bytes[i / 8] = static_cast<char>(bytes[i / 8] | static_cast<char>(bit << (i % 8)));
    }
    return bytes;
}

class PlaneKernelsTest : public testing::TestWithParam<const PlaneKernels*> {};

TEST_P(PlaneKernelsTest, UnpackAnyRowsToAnyPlace) {
    for (unsigned width = 1; width <= era::kMaxPlanes; ++width) {
        const std::vector<unsigned> codes = random_codes(width, kRows);
        const std::string run = pack(codes, width);
        for (const std::size_t first : {0u, 1u, 7u, 8u, 64u, 77u}) {
            for (const std::size_t count : {0u, 1u, 5u, 63u, 64u, 65u, 127u, 128u, 400u}) {
                for (const std::size_t position : {0u, 1u, 31u, 63u, 64u, 100u}) {
                    Rows rows(first + count);
                    const Rows before(first + count);
                    GetParam()->unpack(run.data(), first, count, width, rows.planes, position);
                    for (std::size_t i = 0; i < position; ++i) {
                        ASSERT_EQ(rows.code(i, width), before.code(i, width)) << i;
                    }
                    for (std::size_t i = 0; i < count; ++i) {
                        ASSERT_EQ(rows.code(position + i, width), codes[first + i])
                            << "width " << width << ", value " << first << " + " << i << " of "
                            << count << ", to " << position;
                    }
                }
            }
        }
    }
}

TEST_P(PlaneKernelsTest, SpreadMovesBitsToTheDefinedRows) {
    for (const unsigned density : {0u, 1u, 50u, 99u, 100u}) {
        Rows rows(density);
        std::vector<std::uint64_t> defined(kWords);
        std::mt19937 random(density);
        for (std::size_t row = 0; row < kRows; ++row) {
            defined[row / 64] |= std::uint64_t{random() % 100 < density ? 1u : 0u} << (row % 64);
        }
        GetParam()->spread(rows.words[0].data(), defined.data(), kRows, rows.words[1].data());
        std::size_t taken = 0;
        for (std::size_t row = 0; row < kRows; ++row) {
            const bool is_defined = (defined[row / 64] >> (row % 64) & 1) != 0;
            const std::uint64_t found = rows.words[1][row / 64] >> (row % 64) & 1;
            const std::uint64_t source = rows.words[0][taken / 64] >> (taken % 64) & 1;
            ASSERT_EQ(found, is_defined ? source : 0) << row;
            taken += is_defined ? 1 : 0;
        }
        EXPECT_EQ(count_ones(defined.data(), kRows), taken);
    }
}

INSTANTIATE_TEST_SUITE_P(All, PlaneKernelsTest, testing::ValuesIn(all_plane_kernels()),
                         [](const auto& kernels) { return kernels.param->name; });

TEST(PlaneKernels, TheChosenOneIsAmongAll) {
    EXPECT_EQ(std::ranges::count(all_plane_kernels(), &plane_kernels()), 1);
}

TEST(PlaneBits, CopyAndFillAnyRange) {
    for (const std::size_t from : {0u, 3u, 64u, 130u}) {
        for (const std::size_t position : {0u, 5u, 63u, 64u, 200u}) {
            for (const std::size_t count : {0u, 1u, 59u, 64u, 65u, 300u}) {
                Rows rows(from);
                const Rows before(from);
                copy_bits(rows.words[0].data(), from, rows.words[1].data(), position, count);
                fill_bits(rows.words[2].data(), position, true, count);
                fill_bits(rows.words[3].data(), position, false, count);
                for (std::size_t i = 0; i < position + count; ++i) {
                    const unsigned old = before.code(i, 4) >> 1;
                    const unsigned copied =
                        i < position ? 0 : before.code(from + i - position, 1) & 1;
                    ASSERT_EQ(rows.code(i, 4) >> 1, i < position ? old : (copied | 2u)) << i;
                }
            }
        }
    }
}

TEST(PlaneBits, CodesAreMappedToFewerAndMorePlanes) {
    constexpr era::CodeMap kMap = {5, 0, 4, 1, 3, 2, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14};
    for (unsigned width = 1; width <= era::kMaxPlanes; ++width) {
        for (unsigned new_width = 1; new_width <= era::kMaxPlanes; ++new_width) {
            Rows rows(width);
            const Rows before(width);
            era::map_codes(rows.planes, kRows, width, kMap, new_width);
            for (std::size_t row = 0; row < kRows; ++row) {
                const unsigned expected = kMap[before.code(row, width)] & ((1u << new_width) - 1);
                ASSERT_EQ(rows.code(row, new_width), expected) << row;
            }
        }
    }
}

}  // namespace
}  // namespace erawise::decode
