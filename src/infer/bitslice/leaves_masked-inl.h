// From leaf codes to sums, for targets with mask registers and two-register table look-ups of 32
// words (AVX-512). bitslice_leaves_bytes-inl.h is for the others.
// Compiled once per vector target, as part of bitslice_kernels.cpp: the guard toggles.
#if defined(ERAWISE_INFER_BITSLICE_LEAVES_MASKED_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ERAWISE_INFER_BITSLICE_LEAVES_MASKED_INL_H_
#undef ERAWISE_INFER_BITSLICE_LEAVES_MASKED_INL_H_
#else
#define ERAWISE_INFER_BITSLICE_LEAVES_MASKED_INL_H_
#endif

#include <hwy/highway.h>

#include <array>
#include <utility>

#include "infer/bitslice/planes-inl.h"
#include "infer/bitslice/sums-inl.h"

#if HWY_TARGET <= HWY_AVX3

HWY_BEFORE_NAMESPACE();
namespace erawise::infer::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using ByteTag = hn::FixedTag<std::uint8_t, 64>;
using IndexTag = hn::RebindToSigned<WordTag>;
using Codes = hn::Vec<IndexTag>;

/// Words by code. The instruction uses the low five bits of an index and ignores the others, which
/// belong to the next rows; Highway's TwoTablesLookupLanes() does not allow them.
struct TwoRegisters {
    explicit TwoRegisters(const float* leaves)
        : low(hn::LoadU(WordTag(), leaves)), high(hn::LoadU(WordTag(), leaves + 16)) {}

    HWY_INLINE Words operator()(Codes code) const {
        return Words{_mm512_permutex2var_ps(low.raw, code.raw, high.raw)};
    }

    Words low;
    Words high;
};

/// The same for codes of one bit more than `Half` takes.
template <class Half, int kBit>
struct TwiceThe {
    explicit TwiceThe(const float* leaves) : low(leaves), high(leaves + kBit) {}

    HWY_INLINE Words operator()(Codes code) const {
        const auto is_high =
            hn::RebindMask(WordTag(), hn::TestBit(code, hn::Set(IndexTag(), kBit)));
        return hn::IfThenElse(is_high, high(code), low(code));
    }

    Half low;
    Half high;
};
using FourRegisters = TwiceThe<TwoRegisters, 32>;
using EightRegisters = TwiceThe<FourRegisters, 64>;
using SixteenRegisters = TwiceThe<EightRegisters, 128>;

#if HWY_TARGET <= HWY_AVX3_DL

/// Field by field of 8, 16 or 32 bits, those of `first` and `second` alternately: from the low or
/// the high half of every 16 bytes.
template <class Field>
HWY_INLINE hn::Vec<ByteTag> alternate_low(hn::Vec<ByteTag> first, hn::Vec<ByteTag> second) {
    const hn::Repartition<Field, ByteTag> d;
    return hn::BitCast(ByteTag(),
                       hn::InterleaveLower(d, hn::BitCast(d, first), hn::BitCast(d, second)));
}
template <class Field>
HWY_INLINE hn::Vec<ByteTag> alternate_high(hn::Vec<ByteTag> first, hn::Vec<ByteTag> second) {
    const hn::Repartition<Field, ByteTag> d;
    return hn::BitCast(ByteTag(),
                       hn::InterleaveUpper(d, hn::BitCast(d, first), hn::BitCast(d, second)));
}

/// Registers 0 to 3: bytes 4i to 4i + 3 of every 16 bytes of four planes, byte by byte.
HWY_INLINE void join_four(hn::Vec<ByteTag> plane0, hn::Vec<ByteTag> plane1, hn::Vec<ByteTag> plane2,
                          hn::Vec<ByteTag> plane3, hn::Vec<ByteTag>* joined) {
    const auto low01 = alternate_low<std::uint8_t>(plane0, plane1);
    const auto high01 = alternate_high<std::uint8_t>(plane0, plane1);
    const auto low23 = alternate_low<std::uint8_t>(plane2, plane3);
    const auto high23 = alternate_high<std::uint8_t>(plane2, plane3);
    joined[0] = alternate_low<std::uint16_t>(low01, low23);
    joined[1] = alternate_high<std::uint16_t>(low01, low23);
    joined[2] = alternate_low<std::uint16_t>(high01, high23);
    joined[3] = alternate_high<std::uint16_t>(high01, high23);
}

/// The same with zeros in the place of the first three planes.
HWY_INLINE void join_one(hn::Vec<ByteTag> plane3, hn::Vec<ByteTag>* joined) {
    HWY_UNROLL(4)
    for (std::uint8_t i = 0; i < 4; ++i) {
        constexpr std::uint8_t kZero = 0x80;
        const auto byte = static_cast<std::uint8_t>(4 * i);
        const auto bytes =
            hn::Dup128VecFromValues(ByteTag(), kZero, kZero, kZero, byte, kZero, kZero, kZero,
                                    static_cast<std::uint8_t>(byte + 1), kZero, kZero, kZero,
                                    static_cast<std::uint8_t>(byte + 2), kZero, kZero, kZero,
                                    static_cast<std::uint8_t>(byte + 3));
        joined[i] = hn::TableLookupBytesOr0(plane3, bytes);
    }
}

/// Eight bits of the leaf codes of all rows, a byte per row; see row_of_code(). kBits: how many
/// there are when that is known, else 0.
///
/// The bytes of eight planes that belong to eight rows are brought together in 64 bits, the highest
/// plane first, and transposed: GF2P8AFFINEQB multiplies them, as a matrix, by the eight unit
/// vectors.
template <std::uint32_t kBits>
HWY_INLINE void make_codes(const std::byte* slots, const Slot* bits, std::uint32_t count,
                           std::uint8_t* codes) {
    const ByteTag d;
    const std::uint32_t end = kBits > 0 ? kBits : count;
    const auto plane = [&](std::uint32_t bit) {
        const Slot slot = bit < end ? bits[bit] : kZeroSlot;
        return hn::Load(d, reinterpret_cast<const std::uint8_t*>(slots + slot * kSlotBytes));
    };
    hn::Vec<ByteTag> low[4];   // bits 3 to 0
    hn::Vec<ByteTag> high[4];  // bits 7 to 4
    join_four(plane(3), plane(2), plane(1), plane(0), low);
    if (end == 5) {
        join_one(plane(4), high);
    } else {
        join_four(plane(7), plane(6), plane(5), plane(4), high);
    }
    const auto units = hn::Set(hn::Repartition<std::uint64_t, ByteTag>(), 0x8040201008040201);
    HWY_UNROLL(4)
    for (std::size_t i = 0; i < 4; ++i) {
        const auto first = alternate_low<std::uint32_t>(high[i], low[i]);
        const auto second = alternate_high<std::uint32_t>(high[i], low[i]);
        hn::Store(hn::Vec<ByteTag>{_mm512_gf2p8affine_epi64_epi8(units.raw, first.raw, 0)}, d,
                  codes + 128 * i);
        hn::Store(hn::Vec<ByteTag>{_mm512_gf2p8affine_epi64_epi8(units.raw, second.raw, 0)}, d,
                  codes + 128 * i + 64);
    }
}

/// The row whose code stands at `position`: two bytes of every 16 of a plane make a register.
HWY_INLINE std::size_t row_of_code(std::size_t position) {
    return position % 64 / 16 * 128 + position / 64 * 16 + position % 16;
}

#else

/// Eight bits of the leaf codes of all rows, a byte per row; see row_of_code(). kBits: how many
/// there are when that is known, else 0.
template <std::uint32_t kBits>
HWY_INLINE void make_codes(const std::byte* slots, const Slot* bits, std::uint32_t count,
                           std::uint8_t* codes) {
    const ByteTag d;
    const std::uint32_t end = kBits > 0 ? kBits : count;
    for (std::size_t row = 0; row < era::kBlockRows; row += 64) {
        auto code = hn::Zero(d);
        for (std::uint32_t bit = 0; bit < end; ++bit) {
            const auto rows = hn::LoadMaskBits(
                d, reinterpret_cast<const std::uint8_t*>(slots + bits[bit] * kSlotBytes) + row / 8);
            code =
                hn::MaskedAddOr(code, rows, code, hn::Set(d, static_cast<std::uint8_t>(1u << bit)));
        }
        hn::Store(code, d, codes + row);
    }
}

/// The row whose code stands at `position`.
HWY_INLINE std::size_t row_of_code(std::size_t position) {
    return position;
}

#endif

template <int kByte>
HWY_INLINE Codes shifted(Codes lanes) {
    const hn::RebindToUnsigned<IndexTag> d;
    return hn::BitCast(IndexTag(), hn::ShiftRight<8 * kByte>(hn::BitCast(d, lanes)));
}

/// The 16-bit codes whose low and high bytes stand in byte kByte of each lane.
template <int kByte>
HWY_INLINE Codes joined(Codes low, Codes high) {
    const auto byte = hn::Set(IndexTag(), 255);
    return hn::Or(hn::And(shifted<kByte>(low), byte),
                  hn::ShiftLeft<8>(hn::And(shifted<kByte>(high), byte)));
}

template <class Sum, class Lookup, std::size_t... kTree>
HWY_INLINE std::array<LeafLookup<Sum, Lookup>, sizeof...(kTree)> leaf_lookups(
    const BitsliceProgram& program, const BitsliceTree* trees, std::index_sequence<kTree...>) {
    return {LeafLookup<Sum, Lookup>(words_of(program, trees[kTree]), trees[kTree].leaf_count)...};
}

/// Adds the leaves of a group of trees to each row's sum, tree by tree.
///
/// A register of code bytes is used as it is, as 32-bit lanes: lane i holds the codes at positions
/// 4i to 4i + 3, and shifting brings each of them down in turn. Sums are kept in that order; see
/// row_of_sum(). kTrees: in the group. kBits: bits of every code when that is known, else 0.
template <class Sum, class Lookup, std::size_t kTrees, std::uint32_t kBits>
HWY_INLINE void add_from_registers(const BitsliceProgram& program, const BitsliceTree* trees,
                                   const std::byte* slots, Sum* sums) {
    const auto leaves =
        leaf_lookups<Sum, Lookup>(program, trees, std::make_index_sequence<kTrees>());
    alignas(64) std::uint8_t codes[kTrees][era::kBlockRows];
    for (std::size_t t = 0; t < kTrees; ++t) {
        make_codes<kBits>(slots, program.code_bits.data() + trees[t].first_bit, trees[t].bit_count,
                          codes[t]);
    }
    for (std::size_t row = 0; row < era::kBlockRows; row += 64) {
        RowSums<Sum> sum[4];
        HWY_UNROLL(4)
        for (std::size_t i = 0; i < 4; ++i) {
            sum[i].load(sums + row + 16 * i);
        }
        HWY_UNROLL(4)
        for (std::size_t t = 0; t < kTrees; ++t) {
            const auto code = hn::BitCast(IndexTag(), hn::Load(ByteTag(), codes[t] + row));
            leaves[t].add_to(sum[0], code);
            leaves[t].add_to(sum[1], shifted<1>(code));
            leaves[t].add_to(sum[2], shifted<2>(code));
            leaves[t].add_to(sum[3], shifted<3>(code));
        }
        HWY_UNROLL(4)
        for (std::size_t i = 0; i < 4; ++i) {
            sum[i].store(sums + row + 16 * i);
        }
    }
}

/// The same for a tree with codes of any length: leaves are gathered from memory.
template <class Sum>
HWY_INLINE void add_from_memory(const BitsliceProgram& program, const BitsliceTree& tree,
                                const std::byte* slots, Sum* sums) {
    const IndexTag di;
    const Slot* const bits = program.code_bits.data() + tree.first_bit;
    const std::uint32_t low_bits = tree.bit_count < 8 ? tree.bit_count : 8;
    const LeavesInMemory<Sum> leaves(words_of(program, tree));
    alignas(64) std::uint8_t low_codes[era::kBlockRows];
    alignas(64) std::uint8_t high_codes[era::kBlockRows];
    make_codes<0>(slots, bits, low_bits, low_codes);
    make_codes<0>(slots, bits + 8, tree.bit_count - low_bits, high_codes);
    for (std::size_t row = 0; row < era::kBlockRows; row += 64) {
        const auto low = hn::BitCast(di, hn::Load(ByteTag(), low_codes + row));
        const auto high = hn::BitCast(di, hn::Load(ByteTag(), high_codes + row));
        const Codes codes[] = {joined<0>(low, high), joined<1>(low, high), joined<2>(low, high),
                               joined<3>(low, high)};
        HWY_UNROLL(4)
        for (std::size_t i = 0; i < 4; ++i) {
            RowSums<Sum> sum;
            sum.load(sums + row + 16 * i);
            leaves.add_to(sum, codes[i]);
            sum.store(sums + row + 16 * i);
        }
    }
}

/// Of more than kMostCodesInRegisters codes. Float64 leaves that are so many are no words.
HWY_INLINE void add_large_tree(const BitsliceProgram& program, const BitsliceTree& tree,
                               const std::byte* slots, float* sums) {
    if (tree.bit_count == 7) {
        add_from_registers<float, EightRegisters, 1, 7>(program, &tree, slots, sums);
    } else if (tree.bit_count == 8) {
        add_from_registers<float, SixteenRegisters, 1, 8>(program, &tree, slots, sums);
    } else {
        add_from_memory(program, tree, slots, sums);
    }
}
HWY_INLINE void add_large_tree(const BitsliceProgram& program, const BitsliceTree& tree,
                               const std::byte* slots, double* sums) {
    add_from_memory(program, tree, slots, sums);
}

template <class Sum, std::size_t kTrees>
HWY_INLINE void add_trees(const BitsliceProgram& program, const BitsliceTree* trees,
                          const std::byte* slots, Sum* sums) {
    const CodeBits bits = code_bits_of(trees, kTrees);
    if (bits.fewest == 5 && bits.most == 5) {
        add_from_registers<Sum, TwoRegisters, kTrees, 5>(program, trees, slots, sums);
    } else if (bits.most <= 5) {
        add_from_registers<Sum, TwoRegisters, kTrees, 0>(program, trees, slots, sums);
    } else if (bits.most == 6) {
        add_from_registers<Sum, FourRegisters, kTrees, 0>(program, trees, slots, sums);
    } else if constexpr (kTrees == 1) {
        add_large_tree(program, *trees, slots, sums);
    } else {
        for (std::size_t t = 0; t < kTrees; ++t) {
            add_trees<Sum, 1>(program, trees + t, slots, sums);
        }
    }
}

template <class Sum>
HWY_INLINE void add_group(const BitsliceProgram& program, const BitsliceTree* trees,
                          std::size_t count, const std::byte* slots, Sum* sums) {
    if (count == kTreesPerGroup) {
        add_trees<Sum, kTreesPerGroup>(program, trees, slots, sums);
        return;
    }
    for (std::size_t t = 0; t < count; ++t) {
        add_trees<Sum, 1>(program, trees + t, slots, sums);
    }
}

/// The row whose sum stands at `position`.
template <class Sum>
HWY_INLINE std::size_t row_of_sum(std::size_t position) {
    const std::size_t word = word_of_sum<Sum>(position);
    const std::size_t within = word % 64;
    return row_of_code(word - within + within % 16 * 4 + within / 16);
}

}  // namespace erawise::infer::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
#endif
