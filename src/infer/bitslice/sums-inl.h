// The sums of a few rows, in float32 or float64, and leaves as 32-bit words.
// Compiled once per vector target, as part of bitslice_kernels.cpp: the guard toggles.
#if defined(ERAWISE_INFER_BITSLICE_SUMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ERAWISE_INFER_BITSLICE_SUMS_INL_H_
#undef ERAWISE_INFER_BITSLICE_SUMS_INL_H_
#else
#define ERAWISE_INFER_BITSLICE_SUMS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace erawise::infer::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// A register of 32-bit words, one per row: float32 leaves, or a half of float64 ones.
using WordTag = hn::CappedTag<float, 16>;
using Words = hn::Vec<WordTag>;

/// The sums of as many rows as a register has words. Load and store at the same place.
///
/// The constructors are written out: implicit ones belong to the baseline target, into which GCC
/// cannot inline those of the registers.
template <class Sum>
struct RowSums;

template <>
struct RowSums<float> {
    HWY_INLINE RowSums() {}
    HWY_INLINE void load(const float* from) { sums = hn::Load(WordTag(), from); }
    HWY_INLINE void store(float* to) const { hn::Store(sums, WordTag(), to); }
    HWY_INLINE void add(Words leaves) { sums = hn::Add(sums, leaves); }

    Words sums;
};

/// Joining the halves of float64 numbers leaves two neighbours of each 16 bytes in each of the two
/// registers.
template <>
struct RowSums<double> {
    using Tag = hn::Repartition<double, WordTag>;

    HWY_INLINE RowSums() {}
    HWY_INLINE void load(const double* from) {
        first = hn::Load(Tag(), from);
        second = hn::Load(Tag(), from + hn::Lanes(Tag()));
    }
    HWY_INLINE void store(double* to) const {
        hn::Store(first, Tag(), to);
        hn::Store(second, Tag(), to + hn::Lanes(Tag()));
    }
    HWY_INLINE void add(Words low, Words high) {
        const WordTag d;
        first = hn::Add(first, hn::BitCast(Tag(), hn::InterleaveLower(d, low, high)));
        second = hn::Add(second, hn::BitCast(Tag(), hn::InterleaveUpper(d, low, high)));
    }

    hn::Vec<Tag> first;
    hn::Vec<Tag> second;
};

/// The word whose row's sum stands at `position`; see RowSums.
template <class Sum>
HWY_INLINE std::size_t word_of_sum(std::size_t position) {
    if constexpr (sizeof(Sum) == sizeof(float)) {
        return position;
    } else {
        const std::size_t lanes = hn::Lanes(WordTag());
        const std::size_t within = position % lanes;
        const std::size_t half = within / (lanes / 2);
        const std::size_t number = within % (lanes / 2);
        return position - within + number / 2 * 4 + half * 2 + number % 2;
    }
}

/// Leaves that are too many for registers: one number after the other.
template <class Sum>
struct LeavesInMemory;

template <>
struct LeavesInMemory<float> {
    using Codes = hn::Vec<hn::RebindToSigned<WordTag>>;

    HWY_INLINE explicit LeavesInMemory(const float* words) : leaves(words) {}
    HWY_INLINE void add_to(RowSums<float>& sums, Codes codes) const {
        sums.add(hn::GatherIndex(WordTag(), leaves, codes));
    }

    const float* leaves;
};

template <>
struct LeavesInMemory<double> {
    using Codes = hn::Vec<hn::RebindToSigned<WordTag>>;
    using Tag = RowSums<double>::Tag;

    HWY_INLINE explicit LeavesInMemory(const float* words)
        : leaves(reinterpret_cast<const double*>(words)) {}
    HWY_INLINE void add_to(RowSums<double>& sums, Codes codes) const {
        const hn::RebindToSigned<WordTag> d;
        const hn::RebindToSigned<Tag> wide;
        const auto first = hn::BitCast(wide, hn::InterleaveLower(d, codes, hn::Zero(d)));
        const auto second = hn::BitCast(wide, hn::InterleaveUpper(d, codes, hn::Zero(d)));
        sums.first = hn::Add(sums.first, hn::GatherIndex(Tag(), leaves, first));
        sums.second = hn::Add(sums.second, hn::GatherIndex(Tag(), leaves, second));
    }

    const double* leaves;
};

/// The leaves of a tree as a `Lookup` has them: one table of words for float32, two for float64.
template <class Sum, class Lookup>
struct LeafLookup;

template <class Lookup>
struct LeafLookup<float, Lookup> {
    HWY_INLINE LeafLookup(const float* words, std::uint32_t /*leaves*/) : leaf(words) {}

    template <class Codes>
    HWY_INLINE void add_to(RowSums<float>& sums, Codes codes) const {
        sums.add(leaf(codes));
    }

    Lookup leaf;
};

template <class Lookup>
struct LeafLookup<double, Lookup> {
    HWY_INLINE LeafLookup(const float* words, std::uint32_t leaves)
        : low(words), high(words + leaves) {}

    template <class Codes>
    HWY_INLINE void add_to(RowSums<double>& sums, Codes codes) const {
        sums.add(low(codes), high(codes));
    }

    Lookup low;
    Lookup high;
};

}  // namespace erawise::infer::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
