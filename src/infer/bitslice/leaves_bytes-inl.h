// From leaf codes to sums, for targets whose table look-ups take 16 bytes (AVX2, SSE4, NEON).
// bitslice_leaves_masked-inl.h is for AVX-512.
// Compiled once per vector target, as part of bitslice_kernels.cpp: the guard toggles.
#if defined(ERAWISE_INFER_BITSLICE_LEAVES_BYTES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ERAWISE_INFER_BITSLICE_LEAVES_BYTES_INL_H_
#undef ERAWISE_INFER_BITSLICE_LEAVES_BYTES_INL_H_
#else
#define ERAWISE_INFER_BITSLICE_LEAVES_BYTES_INL_H_
#endif

#include <hwy/highway.h>

#include <cstring>

#include "infer/bitslice/planes-inl.h"
#include "infer/bitslice/sums-inl.h"

#if HWY_TARGET > HWY_AVX3

HWY_BEFORE_NAMESPACE();
namespace erawise::infer::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using ByteTag = hn::Repartition<std::uint8_t, WordTag>;
using Bytes = hn::Vec<ByteTag>;

/// Rows whose codes are made at a time: eight registers of code bytes.
HWY_INLINE std::size_t rows_per_step() {
    return 8 * hn::Lanes(ByteTag());
}

HWY_INLINE Bytes shift_up(Bytes bytes, int bits) {
    const hn::Repartition<std::uint32_t, ByteTag> d;
    return hn::BitCast(ByteTag(), hn::ShiftLeftSame(hn::BitCast(d, bytes), bits));
}

HWY_INLINE Bytes shift_down(Bytes bytes, int bits) {
    const hn::Repartition<std::uint32_t, ByteTag> d;
    return hn::BitCast(ByteTag(), hn::ShiftRightSame(hn::BitCast(d, bytes), bits));
}

/// Joins fields of kWidth bits of two registers to fields of twice the width: `even` those that
/// stand at even places, `odd` the others. `low` gives the low half of each field.
template <int kWidth>
HWY_INLINE void join_fields(Bytes low, Bytes high, Bytes& even, Bytes& odd) {
    constexpr std::uint8_t kEven = kWidth == 1 ? 0x55 : kWidth == 2 ? 0x33 : 0x0F;
    const auto mask = hn::Set(ByteTag(), kEven);
    even = hn::Or(hn::And(low, mask), shift_up(hn::And(high, mask), kWidth));
    odd = hn::Or(hn::And(shift_down(low, kWidth), mask), hn::AndNot(mask, high));
}

/// The leaf codes of 8 x Lanes rows, eight bits of them: byte q of codes[j] belongs to row 8q + j,
/// as bit j of byte q of a plane does. This is a transposition of 8 x 8 bits in every byte, in
/// three rounds (Warren, Hacker's Delight, 2nd edition, section 7-3).
HWY_INLINE void make_codes(const std::byte* slots, const Slot* bits, std::uint32_t count,
                           std::size_t byte, std::uint8_t* codes) {
    const ByteTag d;
    const auto plane = [&](std::uint32_t bit) {
        const Slot slot = bit < count ? bits[bit] : kZeroSlot;
        return hn::Load(d, reinterpret_cast<const std::uint8_t*>(slots + slot * kSlotBytes) + byte);
    };
    Bytes pairs[8];  // of bits 01, 23, 45, 67; even rows, then odd ones
    for (std::uint32_t pair = 0; pair < 4; ++pair) {
        if (pair < 2 || 2 * pair < count) {
            join_fields<1>(plane(2 * pair), plane(2 * pair + 1), pairs[2 * pair],
                           pairs[2 * pair + 1]);
        } else {
            pairs[2 * pair] = pairs[2 * pair + 1] = hn::Zero(d);
        }
    }
    for (std::size_t odd = 0; odd < 2; ++odd) {  // rows 0, 2, 4, 6, then 1, 3, 5, 7
        Bytes low[2];
        Bytes high[2] = {hn::Zero(d), hn::Zero(d)};
        join_fields<2>(pairs[odd], pairs[2 + odd], low[0], low[1]);
        if (count > 4) {
            join_fields<2>(pairs[4 + odd], pairs[6 + odd], high[0], high[1]);
        }
        for (std::size_t two = 0; two < 2; ++two) {
            Bytes first;
            Bytes second;
            join_fields<4>(low[two], high[two], first, second);
            const std::size_t row = odd + 2 * two;
            hn::Store(first, d, codes + row * hn::Lanes(d));
            hn::Store(second, d, codes + (row + 4) * hn::Lanes(d));
        }
    }
}

/// Four registers of rows' words from the four bytes of each word; see row_of_sum() for where a row
/// ends up.
HWY_INLINE void interleave(Bytes byte0, Bytes byte1, Bytes byte2, Bytes byte3, Words* words) {
    const ByteTag d;
    const hn::Repartition<std::uint16_t, ByteTag> d16;
    const WordTag df;
    const auto low01 = hn::BitCast(d16, hn::InterleaveLower(d, byte0, byte1));
    const auto high01 = hn::BitCast(d16, hn::InterleaveUpper(d, byte0, byte1));
    const auto low23 = hn::BitCast(d16, hn::InterleaveLower(d, byte2, byte3));
    const auto high23 = hn::BitCast(d16, hn::InterleaveUpper(d, byte2, byte3));
    words[0] = hn::BitCast(df, hn::InterleaveLower(d16, low01, low23));
    words[1] = hn::BitCast(df, hn::InterleaveUpper(d16, low01, low23));
    words[2] = hn::BitCast(df, hn::InterleaveLower(d16, high01, high23));
    words[3] = hn::BitCast(df, hn::InterleaveUpper(d16, high01, high23));
}

/// Words by codes of up to 4 + kExtraBits bits: each byte of a word has its tables of 16.
template <unsigned kExtraBits>
class ByteTables {
  public:
    static constexpr std::size_t kTables = std::size_t{1} << kExtraBits;

    void load(const float* words) {
        const hn::FixedTag<std::uint8_t, 16> d;
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(words);
        for (std::size_t table = 0; table < kTables; ++table) {
            hn::Vec<decltype(d)> of_byte[4];
            hn::LoadInterleaved4(d, bytes + 64 * table, of_byte[0], of_byte[1], of_byte[2],
                                 of_byte[3]);
            for (std::size_t i = 0; i < 4; ++i) {
                hn::Store(of_byte[i], d, tables_[i][table]);
            }
        }
    }

    HWY_INLINE void look_up(const std::uint8_t* codes, Words* words) const {
        const ByteTag d;
        const auto code = hn::Load(d, codes);
        const auto index = hn::And(code, hn::Set(d, 15));
        const auto has16 = hn::TestBit(code, hn::Set(d, 16));
        const auto has32 = hn::TestBit(code, hn::Set(d, 32));
        Bytes found[4];
        for (std::size_t i = 0; i < 4; ++i) {
            const auto entry = [&](std::size_t table) {
                return hn::TableLookupBytes(hn::LoadDup128(d, tables_[i][table]), index);
            };
            if constexpr (kExtraBits == 0) {
                found[i] = entry(0);
            } else {
                found[i] = hn::IfThenElse(has16, entry(1), entry(0));
            }
            if constexpr (kExtraBits == 2) {
                found[i] =
                    hn::IfThenElse(has32, hn::IfThenElse(has16, entry(3), entry(2)), found[i]);
            }
        }
        interleave(found[0], found[1], found[2], found[3], words);
    }

  private:
    alignas(64) std::uint8_t tables_[4][kTables][16];
};

/// The leaves of a tree: tables of words for float32, twice as many for float64.
template <class Sum, unsigned kExtraBits>
class LeafTables {
  public:
    void load(const float* words, std::uint32_t leaves) {
        for (std::size_t half = 0; half < kHalves; ++half) {
            tables_[half].load(words + half * leaves);
        }
    }

    HWY_INLINE void add_to(RowSums<Sum>* sums, const std::uint8_t* codes) const {
        Words words[kHalves][4];
        for (std::size_t half = 0; half < kHalves; ++half) {
            tables_[half].look_up(codes, words[half]);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            if constexpr (kHalves == 1) {
                sums[i].add(words[0][i]);
            } else {
                sums[i].add(words[0][i], words[1][i]);
            }
        }
    }

  private:
    static constexpr std::size_t kHalves = sizeof(Sum) / sizeof(float);
    ByteTables<kExtraBits> tables_[kHalves];
};

/// Adds the leaves of a group of trees with codes of up to 4 + kExtraBits bits to each row's sum,
/// tree by tree.
template <class Sum, unsigned kExtraBits>
HWY_INLINE void add_from_tables(const BitsliceProgram& program, const BitsliceTree* trees,
                                std::size_t count, const std::byte* slots, Sum* sums) {
    const std::size_t bytes = hn::Lanes(ByteTag());
    const std::size_t lanes = hn::Lanes(WordTag());
    LeafTables<Sum, kExtraBits> tables[kTreesPerGroup];
    for (std::size_t t = 0; t < count; ++t) {
        tables[t].load(words_of(program, trees[t]), trees[t].leaf_count);
    }
    alignas(64) std::uint8_t codes[kTreesPerGroup][era::kBlockRows];
    for (std::size_t row = 0; row < era::kBlockRows; row += rows_per_step()) {
        for (std::size_t t = 0; t < count; ++t) {
            make_codes(slots, program.code_bits.data() + trees[t].first_bit, trees[t].bit_count,
                       row / 8, codes[t]);
        }
        for (std::size_t part = 0; part < rows_per_step(); part += bytes) {
            RowSums<Sum> sum[4];
            for (std::size_t i = 0; i < 4; ++i) {
                sum[i].load(sums + row + part + i * lanes);
            }
            for (std::size_t t = 0; t < count; ++t) {
                tables[t].add_to(sum, codes[t] + part);
            }
            for (std::size_t i = 0; i < 4; ++i) {
                sum[i].store(sums + row + part + i * lanes);
            }
        }
    }
}

/// The same for a tree with codes of any length: leaves are gathered from memory.
template <class Sum>
HWY_INLINE void add_from_memory(const BitsliceProgram& program, const BitsliceTree& tree,
                                const std::byte* slots, Sum* sums) {
    const ByteTag d8;
    const hn::RebindToSigned<WordTag> di;
    const std::size_t bytes = hn::Lanes(d8);
    const std::size_t lanes = hn::Lanes(di);
    const Slot* const bits = program.code_bits.data() + tree.first_bit;
    const std::uint32_t low_bits = tree.bit_count < 8 ? tree.bit_count : 8;
    const LeavesInMemory<Sum> leaves(words_of(program, tree));
    alignas(64) std::uint8_t low[era::kBlockRows];
    alignas(64) std::uint8_t high[era::kBlockRows];
    for (std::size_t row = 0; row < era::kBlockRows; row += rows_per_step()) {
        make_codes(slots, bits, low_bits, row / 8, low);
        make_codes(slots, bits + 8, tree.bit_count - low_bits, row / 8, high);
        for (std::size_t part = 0; part < rows_per_step(); part += bytes) {
            Words codes[4];
            interleave(hn::Load(d8, low + part), hn::Load(d8, high + part), hn::Zero(d8),
                       hn::Zero(d8), codes);
            for (std::size_t i = 0; i < 4; ++i) {
                RowSums<Sum> sum;
                Sum* const place = sums + row + part + i * lanes;
                sum.load(place);
                leaves.add_to(sum, hn::BitCast(di, codes[i]));
                sum.store(place);
            }
        }
    }
}

/// For codes of up to 6 bits.
template <class Sum>
HWY_INLINE void add_by_tables(const BitsliceProgram& program, const BitsliceTree* trees,
                              std::size_t count, std::uint32_t most_bits, const std::byte* slots,
                              Sum* sums) {
    if (most_bits <= 4) {
        add_from_tables<Sum, 0>(program, trees, count, slots, sums);
    } else if (most_bits == 5) {
        add_from_tables<Sum, 1>(program, trees, count, slots, sums);
    } else {
        add_from_tables<Sum, 2>(program, trees, count, slots, sums);
    }
}

template <class Sum>
HWY_INLINE void add_group(const BitsliceProgram& program, const BitsliceTree* trees,
                          std::size_t count, const std::byte* slots, Sum* sums) {
    const std::uint32_t most_bits = code_bits_of(trees, count).most;
    if (most_bits <= 6) {
        add_by_tables(program, trees, count, most_bits, slots, sums);
        return;
    }
    for (const BitsliceTree* tree = trees; tree != trees + count; ++tree) {
        if (tree->bit_count <= 6) {
            add_by_tables(program, tree, 1, tree->bit_count, slots, sums);
        } else {
            add_from_memory(program, *tree, slots, sums);
        }
    }
}

/// The row whose sum stands at `position`: interleaving leaves four neighbours of each 16 bytes in
/// each of the four registers, and byte q of register j of codes is row 8q + j.
template <class Sum>
HWY_INLINE std::size_t row_of_sum(std::size_t position) {
    const std::size_t bytes = hn::Lanes(ByteTag());
    const std::size_t lanes = hn::Lanes(WordTag());
    const std::size_t word = word_of_sum<Sum>(position);
    const std::size_t step = word / rows_per_step() * rows_per_step();
    const std::size_t code_register = word % rows_per_step() / bytes;
    const std::size_t quarter = word % bytes / lanes;
    const std::size_t lane = word % lanes;
    const std::size_t byte = lane / 4 * 16 + quarter * 4 + lane % 4;
    return step + 8 * byte + code_register;
}

}  // namespace erawise::infer::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
#endif
