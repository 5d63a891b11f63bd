// This file is compiled once per vector target: Highway includes it again for each of them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "infer/bitslice_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/highway.h>

#include <cmath>
#include <cstring>

#include "infer/bitslice_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace erawise::infer::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// A plane, or as much of it as a register holds.
using PlaneTag = hn::CappedTag<std::uint64_t, 8>;
using ByteTag = hn::CappedTag<std::uint8_t, 64>;
using FloatTag = hn::CappedTag<float, 16>;
using IndexTag = hn::RebindToSigned<FloatTag>;

HWY_INLINE std::uint64_t* plane_at(std::byte* slots, std::size_t slot) {
    return reinterpret_cast<std::uint64_t*>(slots + slot * kSlotBytes);
}

/// Which rows have each of the column's codes; then every test is a union of codes.
HWY_INLINE void answer_coded(const std::uint64_t* planes, unsigned plane_count,
                             unsigned level_count, const std::uint16_t* yes_codes,
                             std::uint32_t test_count, std::uint64_t* answers) {
    const PlaneTag d;
    for (std::size_t part = 0; part < 8; part += hn::Lanes(d)) {
        hn::Vec<PlaneTag> has_code[era::kMaxLevels];
        for (unsigned code = 0; code < level_count; ++code) {
            auto rows = hn::Not(hn::Zero(d));
            for (unsigned p = 0; p < plane_count; ++p) {
                const auto plane = hn::Load(d, planes + p * 8 + part);
                rows = (code >> p) & 1 ? hn::And(plane, rows) : hn::AndNot(plane, rows);
            }
            has_code[code] = rows;
        }
        for (std::uint32_t t = 0; t < test_count; ++t) {
            auto answer = hn::Zero(d);
            for (unsigned code = 0; code < level_count; ++code) {
                if ((yes_codes[t] >> code) & 1) {
                    answer = hn::Or(answer, has_code[code]);
                }
            }
            hn::Store(answer, d, answers + t * 8 + part);
        }
    }
}

HWY_INLINE void answer_plain(const float* values, const SplitTest* tests, std::uint32_t test_count,
                             std::uint64_t* answers) {
    const FloatTag d;
    for (std::uint32_t t = 0; t < test_count; ++t) {
        const auto threshold = hn::Set(d, tests[t].threshold);
        for (std::size_t word = 0; word < 8; ++word) {
            std::uint64_t bits = 0;
            for (std::size_t i = 0; i < 64; i += hn::Lanes(d)) {
                const auto x = hn::Load(d, values + word * 64 + i);
                auto yes = hn::Lt(x, threshold);
                if (tests[t].default_left) {
                    yes = hn::Or(yes, hn::IsNaN(x));
                }
                bits |= hn::BitsFromMask(d, yes) << i;
            }
            answers[t * 8 + word] = bits;
        }
    }
}

HWY_INLINE void answer_tests(const BitsliceInput& input, std::byte* slots) {
    std::memset(plane_at(slots, kZeroSlot), 0, kSlotBytes);
    std::memset(plane_at(slots, kOneSlot), 0xFF, kSlotBytes);
    const era::EraBatch& batch = *input.batch;
    for (const FeatureTests& feature : input.features) {
        std::uint64_t* const answers = plane_at(slots, kFirstTestSlot + feature.first_test);
        const era::BlockLayout::Column& place = batch.layout().columns[feature.column];
        if (place.form == era::ColumnForm::coded) {
            answer_coded(batch.planes(input.block, feature.column), place.planes,
                         batch.levels[feature.column].count,
                         input.yes_codes.data() + feature.first_test, feature.test_count, answers);
        } else {
            answer_plain(batch.values(input.block, feature.column),
                         input.program->tests.data() + feature.first_test, feature.test_count,
                         answers);
        }
    }
}

/// `words`: {test, yes, no, target}, `count` times.
HWY_INLINE void run_selects(const std::uint16_t* words, std::size_t count, std::byte* slots) {
    const PlaneTag d;
    for (const std::uint16_t* const end = words + 4 * count; words != end; words += 4) {
        const std::uint64_t* const test = plane_at(slots, words[0]);
        const std::uint64_t* const yes = plane_at(slots, words[1]);
        const std::uint64_t* const no = plane_at(slots, words[2]);
        std::uint64_t* const target = plane_at(slots, words[3]);
        for (std::size_t part = 0; part < 8; part += hn::Lanes(d)) {
            hn::Store(hn::BitwiseIfThenElse(hn::Load(d, test + part), hn::Load(d, yes + part),
                                            hn::Load(d, no + part)),
                      d, target + part);
        }
    }
}

/// The answer at the end of a path of kLevels tests from heap place kAt on.
template <unsigned kLevels, std::size_t kAt>
HWY_INLINE hn::Vec<PlaneTag> path_answer(const hn::Vec<PlaneTag>* answers) {
    if constexpr (kLevels == 0) {
        return answers[kAt];
    } else {
        return hn::BitwiseIfThenElse(answers[kAt], path_answer<kLevels - 1, 2 * kAt + 1>(answers),
                                     path_answer<kLevels - 1, 2 * kAt + 2>(answers));
    }
}

/// The bits of the paths through a block: the first test is the highest bit.
template <unsigned kDepth, unsigned kLevel = 0>
HWY_INLINE void store_path_bits(const hn::Vec<PlaneTag>* answers, const std::uint16_t* targets,
                                std::byte* slots, std::size_t part) {
    if constexpr (kLevel < kDepth) {
        hn::Store(path_answer<kLevel, 0>(answers), PlaneTag(),
                  plane_at(slots, targets[kDepth - 1 - kLevel]) + part);
        store_path_bits<kDepth, kLevel + 1>(answers, targets, slots, part);
    }
}

/// `words`: kDepth targets, 2^kDepth - 1 tests.
template <unsigned kDepth>
HWY_INLINE const std::uint16_t* run_block(const std::uint16_t* words, std::byte* slots) {
    const PlaneTag d;
    constexpr std::size_t kTests = (std::size_t{1} << kDepth) - 1;
    const std::uint16_t* const tests = words + kDepth;
    for (std::size_t part = 0; part < 8; part += hn::Lanes(d)) {
        hn::Vec<PlaneTag> answers[kTests];
        for (std::size_t i = 0; i < kTests; ++i) {
            answers[i] = hn::Load(d, plane_at(slots, tests[i]) + part);
        }
        store_path_bits<kDepth>(answers, words, slots, part);
    }
    return tests + kTests;
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
            default:
                run_selects(words, operation, slots);
                words += std::size_t{4} * operation;
        }
    }
}

/// Leaf values by code, for codes of up to `1 << bits` values; in registers while they fit.
struct OneOrTwoRegisters {
    explicit OneOrTwoRegisters(const float* leaves)
        : low(hn::LoadU(FloatTag(), leaves)),
          high(hn::LoadU(FloatTag(), leaves + hn::Lanes(FloatTag()))) {}

    HWY_INLINE hn::Vec<FloatTag> operator()(hn::Vec<IndexTag> code) const {
        const FloatTag d;
        return hn::TwoTablesLookupLanes(d, low, high, hn::IndicesFromVec(d, code));
    }

    hn::Vec<FloatTag> low;
    hn::Vec<FloatTag> high;
};

struct FourRegisters {
    explicit FourRegisters(const float* leaves)
        : low(leaves), high(leaves + 2 * hn::Lanes(FloatTag())) {}

    HWY_INLINE hn::Vec<FloatTag> operator()(hn::Vec<IndexTag> code) const {
        const FloatTag d;
        const IndexTag di;
        const auto limit = static_cast<std::int32_t>(2 * hn::Lanes(d));
        const auto rest = hn::And(code, hn::Set(di, limit - 1));
        const auto is_high = hn::RebindMask(d, hn::TestBit(code, hn::Set(di, limit)));
        return hn::IfThenElse(is_high, high(rest), low(rest));
    }

    OneOrTwoRegisters low;
    OneOrTwoRegisters high;
};

struct FromMemory {
    explicit FromMemory(const float* leaves) : leaves_(leaves) {}

    HWY_INLINE hn::Vec<FloatTag> operator()(hn::Vec<IndexTag> code) const {
        return hn::GatherIndex(FloatTag(), leaves_, code);
    }

    const float* leaves_;
};

/// Eight bits of the code of as many rows as a register has bytes, a byte per row.
HWY_INLINE hn::Vec<ByteTag> code_bytes(const std::byte* slots, const Slot* bits,
                                       std::uint32_t count, std::size_t byte) {
    const ByteTag d;
    auto code = hn::Zero(d);
    for (std::uint32_t bit = 0; bit < count; ++bit) {
        const auto rows = hn::LoadMaskBits(
            d, reinterpret_cast<const std::uint8_t*>(slots + bits[bit] * kSlotBytes) + byte);
        code = hn::Or(code,
                      hn::IfThenElseZero(rows, hn::Set(d, static_cast<std::uint8_t>(1u << bit))));
    }
    return code;
}

/// The lowest byte of each lane; the rest of the lane moves down for the next call.
HWY_INLINE hn::Vec<IndexTag> take_byte(hn::Vec<IndexTag>& lanes) {
    const IndexTag di;
    const hn::RebindToUnsigned<IndexTag> du;
    const auto byte = hn::And(lanes, hn::Set(di, 255));
    lanes = hn::BitCast(di, hn::ShiftRight<8>(hn::BitCast(du, lanes)));
    return byte;
}

/// Adds the leaves of a group of trees to each row's sum, tree by tree.
///
/// A register of code bytes is used as it is, as 32-bit lanes: lane i holds the codes of rows 4i to
/// 4i + 3, and shifting brings each of them down in turn. Sums are kept in that order of rows; see
/// row_of_sum(). kBits: bits of every code when that is known, else 0.
template <class Lookup, std::uint32_t kBits>
HWY_INLINE void add_leaves(const BitsliceProgram& program, const BitsliceTree* trees,
                           std::size_t count, const std::byte* slots, float* sums) {
    const ByteTag d8;
    const FloatTag d;
    const IndexTag di;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t row = 0; row < era::kBlockRows; row += hn::Lanes(d8)) {
        auto sum0 = hn::Load(d, sums + row);
        auto sum1 = hn::Load(d, sums + row + lanes);
        auto sum2 = hn::Load(d, sums + row + 2 * lanes);
        auto sum3 = hn::Load(d, sums + row + 3 * lanes);
        for (std::size_t t = 0; t < count; ++t) {
            const BitsliceTree& tree = trees[t];
            const Slot* const bits = program.code_bits.data() + tree.first_bit;
            const std::uint32_t bit_count = kBits > 0 ? kBits : tree.bit_count;
            const Lookup lookup(program.leaves.data() + tree.first_leaf);
            auto low =
                hn::BitCast(di, code_bytes(slots, bits, bit_count < 8 ? bit_count : 8, row / 8));
            if (kBits > 0 || bit_count <= 8) {
                sum0 = hn::Add(sum0, lookup(take_byte(low)));
                sum1 = hn::Add(sum1, lookup(take_byte(low)));
                sum2 = hn::Add(sum2, lookup(take_byte(low)));
                sum3 = hn::Add(sum3, lookup(take_byte(low)));
                continue;
            }
            auto high = hn::BitCast(di, code_bytes(slots, bits + 8, bit_count - 8, row / 8));
            const auto next = [&] {
                return hn::Or(take_byte(low), hn::ShiftLeft<8>(take_byte(high)));
            };
            sum0 = hn::Add(sum0, lookup(next()));
            sum1 = hn::Add(sum1, lookup(next()));
            sum2 = hn::Add(sum2, lookup(next()));
            sum3 = hn::Add(sum3, lookup(next()));
        }
        hn::Store(sum0, d, sums + row);
        hn::Store(sum1, d, sums + row + lanes);
        hn::Store(sum2, d, sums + row + 2 * lanes);
        hn::Store(sum3, d, sums + row + 3 * lanes);
    }
}

/// Chooses the table look-up that the group's largest tree needs.
HWY_INLINE void add_group(const BitsliceProgram& program, const BitsliceTree* trees,
                          std::size_t count, const std::byte* slots, float* sums) {
    std::uint32_t most_bits = 0;
    std::uint32_t fewest_bits = 16;
    for (std::size_t t = 0; t < count; ++t) {
        most_bits = trees[t].bit_count > most_bits ? trees[t].bit_count : most_bits;
        fewest_bits = trees[t].bit_count < fewest_bits ? trees[t].bit_count : fewest_bits;
    }
    const std::size_t lanes = hn::Lanes(FloatTag());
    const std::size_t codes = std::size_t{1} << most_bits;
    if (codes <= 2 * lanes) {
        if (most_bits == 5 && fewest_bits == 5) {
            add_leaves<OneOrTwoRegisters, 5>(program, trees, count, slots, sums);
        } else {
            add_leaves<OneOrTwoRegisters, 0>(program, trees, count, slots, sums);
        }
    } else if (codes <= 4 * lanes) {
        add_leaves<FourRegisters, 0>(program, trees, count, slots, sums);
    } else {
        add_leaves<FromMemory, 0>(program, trees, count, slots, sums);
    }
}

/// The row whose sum stands at `position`.
HWY_INLINE std::size_t row_of_sum(std::size_t position) {
    const std::size_t bytes = hn::Lanes(ByteTag());
    const std::size_t lanes = hn::Lanes(FloatTag());
    const std::size_t within = position % bytes;
    return position - within + within % lanes * 4 + within / lanes;
}

void Evaluate(const BitsliceInput& input, std::byte* slots, float* margins) {
    const BitsliceProgram& program = *input.program;
    answer_tests(input, slots);
    alignas(64) float sums[era::kBlockRows];
    for (float& sum : sums) {
        sum = program.base_margin;
    }
    const std::size_t trees = program.trees.size();
    for (std::size_t first = 0; first < trees; first += kTreesPerGroup) {
        const BitsliceTree* const group = program.trees.data() + first;
        const std::size_t count = trees - first < kTreesPerGroup ? trees - first : kTreesPerGroup;
        for (std::size_t t = 0; t < count; ++t) {
            run_code(program.code.data() + group[t].first_word, group[t].word_count, slots);
        }
        add_group(program, group, count, slots, sums);
    }
    for (std::size_t position = 0; position < era::kBlockRows; ++position) {
        margins[row_of_sum(position)] = sums[position];
    }
}

const char* TargetName() {
    return hwy::TargetName(HWY_TARGET);
}

}  // namespace erawise::infer::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace erawise::infer {

HWY_EXPORT(Evaluate);
HWY_EXPORT(TargetName);

void evaluate_bitslice(const BitsliceInput& input, std::byte* slots, float* margins) noexcept {
    HWY_DYNAMIC_DISPATCH(Evaluate)(input, slots, margins);
}

const char* bitslice_kernel_name() {
    return HWY_DYNAMIC_DISPATCH(TargetName)();
}

}  // namespace erawise::infer
#endif
