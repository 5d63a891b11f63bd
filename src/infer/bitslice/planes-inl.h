// Slots as registers see them.
// Compiled once per vector target, as part of bitslice_kernels.cpp: the guard toggles.
#if defined(ERAWISE_INFER_BITSLICE_PLANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ERAWISE_INFER_BITSLICE_PLANES_INL_H_
#undef ERAWISE_INFER_BITSLICE_PLANES_INL_H_
#else
#define ERAWISE_INFER_BITSLICE_PLANES_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "era/era_batch.h"
#include "infer/bitslice/program.h"

HWY_BEFORE_NAMESPACE();
namespace erawise::infer::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// A plane, or as much of it as a register holds.
using PlaneTag = hn::CappedTag<std::uint64_t, 8>;

/// The numbers of bits that the leaf codes of a group of trees have.
struct CodeBits {
    std::uint32_t fewest = 16;
    std::uint32_t most = 0;
};

HWY_INLINE CodeBits code_bits_of(const BitsliceTree* trees, std::size_t count) {
    CodeBits bits;
    for (std::size_t t = 0; t < count; ++t) {
        bits.fewest = trees[t].bit_count < bits.fewest ? trees[t].bit_count : bits.fewest;
        bits.most = trees[t].bit_count > bits.most ? trees[t].bit_count : bits.most;
    }
    return bits;
}

/// The words of a tree's leaves. Registers know them as float32 numbers, and only move them.
HWY_INLINE const float* words_of(const BitsliceProgram& program, const BitsliceTree& tree) {
    return reinterpret_cast<const float*>(program.leaves.data() + tree.first_leaf);
}

HWY_INLINE std::uint64_t* plane_at(std::byte* slots, std::size_t slot) {
    return reinterpret_cast<std::uint64_t*>(slots + slot * kSlotBytes);
}

}  // namespace erawise::infer::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
