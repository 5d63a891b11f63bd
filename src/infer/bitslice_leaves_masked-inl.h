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

#include "infer/bitslice_planes-inl.h"
#include "infer/bitslice_sums-inl.h"

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

struct FourRegisters {
    explicit FourRegisters(const float* leaves) : low(leaves), high(leaves + 32) {}

    HWY_INLINE Words operator()(Codes code) const {
        const auto is_high = hn::RebindMask(WordTag(), hn::TestBit(code, hn::Set(IndexTag(), 32)));
        return hn::IfThenElse(is_high, high(code), low(code));
    }

    TwoRegisters low;
    TwoRegisters high;
};

/// Up to eight bits of the codes of 64 rows, a byte per row. kBits: their number when known, else
/// 0.
template <std::uint32_t kBits>
HWY_INLINE hn::Vec<ByteTag> code_bytes(const std::byte* slots, const Slot* bits,
                                       std::uint32_t count, std::size_t byte) {
    const ByteTag d;
    const std::uint32_t end = kBits > 0 ? kBits : count;
    auto code = hn::Zero(d);
    for (std::uint32_t bit = 0; bit < end; ++bit) {
        const auto rows = hn::LoadMaskBits(
            d, reinterpret_cast<const std::uint8_t*>(slots + bits[bit] * kSlotBytes) + byte);
        code = hn::MaskedAddOr(code, rows, code, hn::Set(d, static_cast<std::uint8_t>(1u << bit)));
    }
    return code;
}

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
/// A register of code bytes is used as it is, as 32-bit lanes: lane i holds the codes of rows 4i to
/// 4i + 3, and shifting brings each of them down in turn. Sums are kept in that order of rows; see
/// row_of_sum(). kTrees: in the group. kBits: bits of every code when that is known, else 0.
template <class Sum, class Lookup, std::size_t kTrees, std::uint32_t kBits>
HWY_INLINE void add_from_registers(const BitsliceProgram& program, const BitsliceTree* trees,
                                   const std::byte* slots, Sum* sums) {
    const auto leaves =
        leaf_lookups<Sum, Lookup>(program, trees, std::make_index_sequence<kTrees>());
    for (std::size_t row = 0; row < era::kBlockRows; row += 64) {
        RowSums<Sum> sum[4];
        for (std::size_t i = 0; i < 4; ++i) {
            sum[i].load(sums + row + 16 * i);
        }
        for (std::size_t t = 0; t < kTrees; ++t) {
            const Slot* const bits = program.code_bits.data() + trees[t].first_bit;
            const auto codes = hn::BitCast(
                IndexTag(), code_bytes<kBits>(slots, bits, trees[t].bit_count, row / 8));
            leaves[t].add_to(sum[0], codes);
            leaves[t].add_to(sum[1], shifted<1>(codes));
            leaves[t].add_to(sum[2], shifted<2>(codes));
            leaves[t].add_to(sum[3], shifted<3>(codes));
        }
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
    for (std::size_t row = 0; row < era::kBlockRows; row += 64) {
        const auto low = hn::BitCast(di, code_bytes<0>(slots, bits, low_bits, row / 8));
        const auto high =
            hn::BitCast(di, code_bytes<0>(slots, bits + 8, tree.bit_count - low_bits, row / 8));
        const Codes codes[] = {joined<0>(low, high), joined<1>(low, high), joined<2>(low, high),
                               joined<3>(low, high)};
        for (std::size_t i = 0; i < 4; ++i) {
            RowSums<Sum> sum;
            sum.load(sums + row + 16 * i);
            leaves.add_to(sum, codes[i]);
            sum.store(sums + row + 16 * i);
        }
    }
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
        add_from_memory(program, *trees, slots, sums);
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
    return word - within + within % 16 * 4 + within / 16;
}

}  // namespace erawise::infer::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
#endif
