// This file is compiled once per vector target: Highway includes it again for each of them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "decode/csv_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "decode/csv_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace erawise::decode::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Bytes = hn::CappedTag<std::uint8_t, 64>;

/// Bit i tells whether byte i of the 64 bytes at `text` equals `wanted`.
HWY_INLINE std::uint64_t equal_bits(const std::uint8_t* text, char wanted) {
    const Bytes d;
    const auto value = hn::Set(d, static_cast<std::uint8_t>(wanted));
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 64; i += hn::Lanes(d)) {
        bits |= hn::BitsFromMask(d, hn::Eq(hn::LoadU(d, text + i), value)) << i;
    }
    return bits;
}

/// Bit i of the result is the parity of bits 0 to i: set from an opening quote up to the byte
/// before the closing one.
HWY_INLINE std::uint64_t prefix_parity(std::uint64_t bits) {
    for (unsigned shift = 1; shift < 64; shift *= 2) {
        bits ^= bits << shift;
    }
    return bits;
}

SeparatorCount Scan(const char* text, std::size_t size, std::uint32_t* separators,
                    std::uint32_t* row_ends) {
    SeparatorCount count;
    std::uint64_t in_quotes = 0;  // all ones when the 64 bytes start inside quotes
    std::uint32_t* end = separators;
    std::uint32_t* row_end = row_ends;
    for (std::size_t base = 0; base < size; base += 64) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(text + base);
        const std::uint64_t valid =
            size - base >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (size - base)) - 1;
        std::uint64_t line_feeds = equal_bits(bytes, '\n') & valid;
        std::uint64_t commas = equal_bits(bytes, ',') & valid;
        const std::uint64_t quotes = equal_bits(bytes, '"') & valid;
        if ((quotes | in_quotes) != 0) [[unlikely]] {
            count.has_quotes = true;
            const std::uint64_t quoted = prefix_parity(quotes) ^ in_quotes;
            in_quotes = (quoted >> 63) != 0 ? ~std::uint64_t{0} : 0;
            line_feeds &= ~quoted;
            commas &= ~quoted;
        }
        std::uint64_t all = commas | line_feeds;
        for (; line_feeds != 0; line_feeds &= line_feeds - 1) {
            const std::uint64_t upto = line_feeds ^ (line_feeds - 1);
            *row_end++ = static_cast<std::uint32_t>(end - separators + std::popcount(all & upto));
        }
        std::uint32_t* const next = end + std::popcount(all);
        while (end < next) {
            *end++ = static_cast<std::uint32_t>(base) +
                     static_cast<std::uint32_t>(std::countr_zero(all));
            all &= all - 1;
        }
    }
    count.separators = static_cast<std::size_t>(end - separators);
    count.rows = static_cast<std::size_t>(row_end - row_ends);
    count.ends_in_quotes = in_quotes != 0;
    return count;
}

/// Transposes a 64 x 64 bit matrix in place: bit j of word i becomes bit i of word j.
/// Recursive block swap (Warren, Hacker's Delight, 2nd edition, section 7-3).
HWY_INLINE void transpose(std::uint64_t* matrix) {
    std::uint64_t mask = 0x00000000FFFFFFFFu;
    for (unsigned half = 32; half != 0; half /= 2, mask ^= mask << half) {
        for (unsigned row = 0; row < 64; row = (row + half + 1) & ~half) {
            const std::uint64_t swap = ((matrix[row] >> half) ^ matrix[row + half]) & mask;
            matrix[row] ^= swap << half;
            matrix[row + half] ^= swap;
        }
    }
}

void Pack(const CodeRows& source, std::size_t rows, const era::BlockLayout& layout,
          std::byte* block, std::size_t word) {
    const Bytes d;
    const std::size_t columns = layout.columns.size();
    for (std::size_t first = 0; first < columns; first += 64) {
        const std::size_t last = std::min(columns, first + 64);
        for (unsigned plane = 0; plane < era::kMaxPlanes; ++plane) {
            std::size_t users = 0;
            for (std::size_t column = first; column < last; ++column) {
                users += plane < layout.columns[column].planes;
            }
            if (users == 0) {
                break;
            }
            alignas(64) std::uint64_t matrix[CodeRows::kRows] = {};
            const auto bit = hn::Set(d, static_cast<std::uint8_t>(1u << plane));
            for (std::size_t row = 0; row < rows; ++row) {
                const std::uint8_t* codes = source.codes.data() + row * source.stride + first;
                std::uint64_t bits = 0;
                for (std::size_t i = 0; i < 64; i += hn::Lanes(d)) {
                    bits |= hn::BitsFromMask(d, hn::TestBit(hn::LoadU(d, codes + i), bit)) << i;
                }
                matrix[row] = bits;
            }
            transpose(matrix);
            for (std::size_t column = first; column < last; ++column) {
                const era::BlockLayout::Column& place = layout.columns[column];
                if (plane < place.planes) {
                    std::memcpy(block + place.offset + plane * era::kPlaneBytes + word * 8,
                                &matrix[column - first], 8);
                }
            }
        }
    }
}

const char* TargetName() {
    return hwy::TargetName(HWY_TARGET);
}

}  // namespace erawise::decode::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace erawise::decode {

HWY_EXPORT(Scan);
HWY_EXPORT(Pack);
HWY_EXPORT(TargetName);

SeparatorCount scan_separators(const char* text, std::size_t size, std::uint32_t* separators,
                               std::uint32_t* row_ends) noexcept {
    return HWY_DYNAMIC_DISPATCH(Scan)(text, size, separators, row_ends);
}

void pack_planes(const CodeRows& source, std::size_t rows, const era::BlockLayout& layout,
                 std::byte* block, std::size_t word) noexcept {
    HWY_DYNAMIC_DISPATCH(Pack)(source, rows, layout, block, word);
}

const char* csv_kernel_name() {
    return HWY_DYNAMIC_DISPATCH(TargetName)();
}

}  // namespace erawise::decode
#endif
