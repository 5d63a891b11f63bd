// This file is compiled once per vector target: Highway includes it again for each of them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "decode/csv/kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "decode/csv/kernels.h"

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

/// Bit i tells whether byte i of the 64 bytes at `text` is a quote or a carriage return.
HWY_INLINE std::uint64_t quote_or_return_bits(const std::uint8_t* text) {
    const Bytes d;
    const auto quote = hn::Set(d, static_cast<std::uint8_t>('"'));
    const auto carriage_return = hn::Set(d, static_cast<std::uint8_t>('\r'));
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 64; i += hn::Lanes(d)) {
        const auto bytes = hn::LoadU(d, text + i);
        const auto found = hn::Or(hn::Eq(bytes, quote), hn::Eq(bytes, carriage_return));
        bits |= hn::BitsFromMask(d, found) << i;
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

/// What 64 bytes of text leave to the next ones.
struct Carry {
    std::uint64_t in_quotes = 0;     ///< all ones: they start inside quotes
    std::uint64_t after_quote = 0;   ///< 1: behind a closing quote
    std::uint64_t after_return = 0;  ///< 1: behind a carriage return
};

struct Separators {
    std::uint64_t line_feeds;
    std::uint64_t commas;
};

/// Takes the separators inside quotes away. Quotes are odd where they neither begin nor end a
/// field: pandas does not take all of those for quotes, see scan_odd_quotes().
HWY_INLINE void look_at_quotes(const std::uint8_t* bytes, std::uint64_t valid,
                               std::uint64_t after_separator, Separators& found, Carry& carry,
                               SeparatorCount& count) {
    const std::uint64_t quotes = equal_bits(bytes, '"') & valid;
    const std::uint64_t quoted = prefix_parity(quotes) ^ carry.in_quotes;
    const std::uint64_t returns = equal_bits(bytes, '\r') & valid & ~quoted;
    found.line_feeds &= ~quoted;
    found.commas &= ~quoted;
    const std::uint64_t separators = found.line_feeds | found.commas;
    const std::uint64_t closing = quotes & ~quoted;
    const std::uint64_t after_closing = (closing << 1 | carry.after_quote) & valid;
    const std::uint64_t after_returns = (returns << 1 | carry.after_return) & valid;
    after_separator |= separators << 1;
    const std::uint64_t odd = (quotes & quoted & ~(after_separator | after_closing)) |
                              (after_closing & ~(separators | returns | quotes));
    count.has_quotes = count.has_quotes || (quotes | carry.in_quotes) != 0;
    count.has_odd_quotes = count.has_odd_quotes || odd != 0;
    count.has_lone_returns = count.has_lone_returns || (after_returns & ~found.line_feeds) != 0;
    carry = {(quoted >> 63) != 0 ? ~std::uint64_t{0} : 0, closing >> 63, returns >> 63};
}

SeparatorCount Scan(const char* text, std::size_t size, std::uint32_t* separators,
                    std::uint32_t* row_ends) {
    SeparatorCount count;
    Carry carry;
    std::uint32_t* end = separators;
    std::uint32_t* row_end = row_ends;
    for (std::size_t base = 0; base < size; base += 64) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(text + base);
        const std::uint64_t valid =
            size - base >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (size - base)) - 1;
        Separators found = {equal_bits(bytes, '\n') & valid, equal_bits(bytes, ',') & valid};
        const std::uint64_t special = quote_or_return_bits(bytes) & valid;
        if ((special | carry.in_quotes | carry.after_quote | carry.after_return) != 0)
            [[unlikely]] {
            const bool is_behind_separator = base == 0 || (end > separators && end[-1] == base - 1);
            look_at_quotes(bytes, valid, is_behind_separator ? 1 : 0, found, carry, count);
        }
        std::uint64_t all = found.commas | found.line_feeds;
        for (std::uint64_t feeds = found.line_feeds; feeds != 0; feeds &= feeds - 1) {
            const std::uint64_t upto = feeds ^ (feeds - 1);
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
    count.ends_in_quotes = carry.in_quotes != 0;
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
