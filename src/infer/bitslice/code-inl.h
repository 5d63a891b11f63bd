// From the answers of the tests to the bits of each tree's leaf code.
// Compiled once per vector target, as part of bitslice_kernels.cpp: the guard toggles.
#if defined(ERAWISE_INFER_BITSLICE_CODE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ERAWISE_INFER_BITSLICE_CODE_INL_H_
#undef ERAWISE_INFER_BITSLICE_CODE_INL_H_
#else
#define ERAWISE_INFER_BITSLICE_CODE_INL_H_
#endif

#include <hwy/highway.h>

#include <bit>
#include <cstring>

#include "infer/bitslice/planes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace erawise::infer::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// `words`: {test, yes, no, target}, `count` times.
HWY_INLINE void run_selects(const std::uint16_t* words, std::size_t count, std::byte* slots) {
    const PlaneTag d;
    for (const std::uint16_t* const end = words + 4 * count; words != end; words += 4) {
        std::uint64_t four;  // one load for all words; all our targets are little-endian
        std::memcpy(&four, words, sizeof four);
        const std::uint64_t* const test = plane_at(slots, four & 0xFFFF);
        const std::uint64_t* const yes = plane_at(slots, (four >> 16) & 0xFFFF);
        const std::uint64_t* const no = plane_at(slots, (four >> 32) & 0xFFFF);
        std::uint64_t* const target = plane_at(slots, four >> 48);
        for (std::size_t part = 0; part < 8; part += hn::Lanes(d)) {
            hn::Store(hn::BitwiseIfThenElse(hn::Load(d, test + part), hn::Load(d, yes + part),
                                            hn::Load(d, no + part)),
                      d, target + part);
        }
    }
}

/// The bits of the paths from heap place kAt of a block on through kLevels tests: the first test is
/// the last bit, which is the highest. Depth first, each answer is loaded once and no more than 12
/// planes are alive, which 16 registers hold.
template <unsigned kLevels, std::size_t kAt, class Answer>
HWY_INLINE void path_bits(const Answer& answer, hn::Vec<PlaneTag>* bits) {
    if constexpr (kLevels > 1) {
        hn::Vec<PlaneTag> yes[kLevels - 1];
        hn::Vec<PlaneTag> no[kLevels - 1];
        path_bits<kLevels - 1, 2 * kAt + 1>(answer, yes);
        path_bits<kLevels - 1, 2 * kAt + 2>(answer, no);
        const auto first = answer(kAt);
        HWY_UNROLL(8)
        for (std::size_t i = 0; i + 1 < kLevels; ++i) {
            bits[i] = hn::BitwiseIfThenElse(first, yes[i], no[i]);
        }
        bits[kLevels - 1] = first;
    } else {
        bits[0] = answer(kAt);
    }
}

/// Adds the bits of the same paths to `code`, which keeps its bits outside of `rows`.
template <unsigned kLevels, std::size_t kAt, class Answer>
HWY_INLINE void add_path_bits(const Answer& answer, hn::Vec<PlaneTag> rows,
                              hn::Vec<PlaneTag>* code) {
#if HWY_TARGET <= HWY_AVX3
    hn::Vec<PlaneTag> bits[kLevels];
    path_bits<kLevels, kAt>(answer, bits);
    HWY_UNROLL(8)
    for (std::size_t i = 0; i < kLevels; ++i) {
        code[i] = hn::OrAnd(code[i], rows, bits[i]);
    }
#else
    // Without ternary logic a select takes three instructions; dividing the rows takes two, and
    // keeps fewer planes alive.
    const auto yes = hn::And(rows, answer(kAt));
    code[kLevels - 1] = hn::Or(code[kLevels - 1], yes);
    if constexpr (kLevels > 1) {
        add_path_bits<kLevels - 1, 2 * kAt + 1>(answer, yes, code);
        add_path_bits<kLevels - 1, 2 * kAt + 2>(answer, hn::AndNot(yes, rows), code);
    }
#endif
}

/// `words`: kDepth targets, 2^kDepth - 1 tests.
template <unsigned kDepth>
HWY_INLINE const std::uint16_t* run_block(const std::uint16_t* words, std::byte* slots) {
    const PlaneTag d;
    const std::uint16_t* const tests = words + kDepth;
    for (std::size_t part = 0; part < 8; part += hn::Lanes(d)) {
        std::byte* const parts = slots + part * sizeof(std::uint64_t);
        hn::Vec<PlaneTag> bits[kDepth];
        path_bits<kDepth, 0>([&](std::size_t i) { return hn::Load(d, plane_at(parts, tests[i])); },
                             bits);
        HWY_UNROLL(8)
        for (std::size_t i = 0; i < kDepth; ++i) {
            hn::Store(bits[i], d, plane_at(parts, words[i]));
        }
    }
    return tests + (std::size_t{1} << kDepth) - 1;
}

/// The sum of cuts is their exclusive or in another code: position p follows p - 1 by a change of
/// one bit in the Gray code, that of the trailing zeros of p. So every cut changes one plane, and
/// which one is known.
///
/// `words`: groups of eight cuts, the first cut, the number of targets, targets. kGroups: their
/// number where it is known, else 0.
template <std::size_t kGroups>
HWY_NOINLINE const std::uint16_t* run_fold(const std::uint16_t* words, std::byte* slots) {
    const PlaneTag d;
    const std::size_t groups = kGroups > 0 ? kGroups : words[0];
    const std::uint16_t* const targets = words + 3;
    const std::size_t bits = words[2];
    for (std::size_t part = 0; part < 8; part += hn::Lanes(d)) {
        const std::uint64_t* cut = plane_at(slots, words[1]) + part;
        hn::Vec<PlaneTag> gray[16];
        for (auto& bit : gray) {
            bit = hn::Zero(d);
        }
        for (std::size_t group = 0; group < groups; ++group, cut += 64) {
            if (group > 0) {
                const auto bit = static_cast<std::size_t>(3 + std::countr_zero(group));
                gray[bit] = hn::Xor(gray[bit], hn::Load(d, cut - 8));
            }
            gray[0] = hn::Xor3(gray[0], hn::Load(d, cut), hn::Load(d, cut + 16));
            gray[0] = hn::Xor3(gray[0], hn::Load(d, cut + 32), hn::Load(d, cut + 48));
            gray[1] = hn::Xor3(gray[1], hn::Load(d, cut + 8), hn::Load(d, cut + 40));
            gray[2] = hn::Xor(gray[2], hn::Load(d, cut + 24));
        }
        auto bit = hn::Zero(d);
        for (std::size_t i = bits; i-- > 0;) {
            bit = hn::Xor(bit, gray[i]);
            hn::Store(bit, d, plane_at(slots, targets[i]) + part);
        }
    }
    return targets + bits;
}

/// `words`: bit 0, bit 1, numbers of treelets of one and two levels, treelets.
static HWY_NOINLINE const std::uint16_t* run_treelets(const std::uint16_t* words,
                                                      std::byte* slots) {
    const PlaneTag d;
    const std::uint16_t* const ones = words + 4;
    const std::uint16_t* const twos = ones + std::size_t{3} * words[2];
    const std::uint16_t* const end = twos + std::size_t{5} * words[3];
    for (std::size_t part = 0; part < 8; part += hn::Lanes(d)) {
        const auto plane = [&](Slot slot) { return hn::Load(d, plane_at(slots, slot) + part); };
        auto bit0 = hn::Zero(d);
        auto bit1 = hn::Zero(d);
        for (const std::uint16_t* entry = ones; entry != twos; entry += 3) {
            const auto rows = hn::AndNot(plane(entry[1]), plane(entry[0]));
            bit0 = hn::OrAnd(bit0, rows, plane(entry[2]));
        }
        for (const std::uint16_t* entry = twos; entry != end; entry += 5) {
            const auto rows = hn::AndNot(plane(entry[1]), plane(entry[0]));
            const auto test = plane(entry[2]);
            bit1 = hn::OrAnd(bit1, rows, test);
            bit0 = hn::OrAnd(bit0, rows,
                             hn::BitwiseIfThenElse(test, plane(entry[3]), plane(entry[4])));
        }
        hn::Store(bit0, d, plane_at(slots, words[0]) + part);
        hn::Store(bit1, d, plane_at(slots, words[1]) + part);
    }
    return end;
}

/// `words`: kDepth targets, the number of treelets, treelets.
template <unsigned kDepth>
HWY_INLINE const std::uint16_t* run_treelet_blocks(const std::uint16_t* words, std::byte* slots) {
    constexpr std::size_t kWords = 2 + (std::size_t{1} << kDepth) - 1;
    const PlaneTag d;
    const std::uint16_t* const entries = words + kDepth + 1;
    const std::uint16_t* const end = entries + kWords * words[kDepth];
    for (std::size_t part = 0; part < 8; part += hn::Lanes(d)) {
        std::byte* const parts = slots + part * sizeof(std::uint64_t);
        hn::Vec<PlaneTag> code[kDepth];
        HWY_UNROLL(8)
        for (auto& bit : code) {
            bit = hn::Zero(d);
        }
        for (const std::uint16_t* entry = entries; entry != end; entry += kWords) {
            const auto plane = [&](std::size_t i) {
                return hn::Load(d, plane_at(parts, entry[i]));
            };
            add_path_bits<kDepth, 0>([&](std::size_t i) { return plane(2 + i); },
                                     hn::AndNot(plane(1), plane(0)), code);
        }
        HWY_UNROLL(8)
        for (std::size_t i = 0; i < kDepth; ++i) {
            hn::Store(code[i], d, plane_at(parts, words[i]));
        }
    }
    return end;
}

HWY_INLINE void run_code(const std::uint16_t* words, std::size_t count, std::byte* slots) {
    const std::uint16_t* const end = words + count;
    while (words != end) {
        const std::uint16_t operation = *words++;
        switch (operation) {
            case kBlock + 5:
                words = run_block<5>(words, slots);
                break;
            case kBlock + 4:
                words = run_block<4>(words, slots);
                break;
            case kBlock + 3:
                words = run_block<3>(words, slots);
                break;
            case kBlock + 2:
                words = run_block<2>(words, slots);
                break;
            case kFold:
                words = words[0] == 4 ? run_fold<4>(words, slots) : run_fold<0>(words, slots);
                break;
            case kTreelets:
                words = run_treelets(words, slots);
                break;
            case kTreeletBlocks:
                words = run_treelet_blocks<kDeepestBlock>(words, slots);
                break;
            default:
                run_selects(words, operation, slots);
                words += std::size_t{4} * operation;
        }
    }
}

}  // namespace erawise::infer::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
