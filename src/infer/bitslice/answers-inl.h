// From the columns of a block to the answers of all tests.
// Compiled once per vector target, as part of bitslice_kernels.cpp: the guard toggles.
#if defined(ERAWISE_INFER_BITSLICE_ANSWERS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ERAWISE_INFER_BITSLICE_ANSWERS_INL_H_
#undef ERAWISE_INFER_BITSLICE_ANSWERS_INL_H_
#else
#define ERAWISE_INFER_BITSLICE_ANSWERS_INL_H_
#endif

#include <hwy/highway.h>

#include <bit>
#include <cstring>

#include "infer/bitslice/kernels.h"
#include "infer/bitslice/planes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace erawise::infer::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::CappedTag<float, 16>;

/// Which rows have each of the column's codes; then every test is a union of codes. Tests stand in
/// the order of their thresholds, so that each differs from the one before by a code or two.
HWY_INLINE void answer_coded(const std::uint64_t* planes, unsigned plane_count,
                             unsigned level_count, const std::uint16_t* yes_codes,
                             std::uint32_t test_count, std::uint64_t* answers) {
    const PlaneTag d;
    for (std::size_t part = 0; part < 8; part += hn::Lanes(d)) {
        alignas(64) std::uint64_t has_code[era::kMaxLevels][hn::MaxLanes(d)];
        for (unsigned code = 0; code < level_count; ++code) {
            auto rows = hn::Not(hn::Zero(d));
            for (unsigned p = 0; p < plane_count; ++p) {
                const auto plane = hn::Load(d, planes + p * 8 + part);
                rows = (code >> p) & 1 ? hn::And(plane, rows) : hn::AndNot(plane, rows);
            }
            hn::Store(rows, d, has_code[code]);
        }
        auto answer = hn::Zero(d);
        unsigned yes = 0;
        for (std::uint32_t t = 0; t < test_count; ++t) {
            for (unsigned changed = yes ^ yes_codes[t]; changed != 0; changed &= changed - 1) {
                answer = hn::Xor(answer, hn::Load(d, has_code[std::countr_zero(changed)]));
            }
            yes = yes_codes[t];
            hn::Store(answer, d, answers + t * 8 + part);
        }
    }
}

HWY_INLINE void answer_plain(const float* values, const SplitTest* tests, std::uint32_t test_count,
                             std::uint64_t* answers) {
    const FloatTag d;
    for (std::uint32_t t = 0; t < test_count; ++t) {
        const auto threshold = hn::Set(d, tests[t].threshold);
        const auto largest_zero = hn::Set(d, kZeroThreshold);
        for (std::size_t word = 0; word < 8; ++word) {
            std::uint64_t bits = 0;
            for (std::size_t i = 0; i < 64; i += hn::Lanes(d)) {
                const auto x = hn::Load(d, values + word * 64 + i);
                auto yes = tests[t].or_equal ? hn::Le(x, threshold) : hn::Lt(x, threshold);
                if (tests[t].zero_is_missing) {
                    const auto is_zero = hn::Le(hn::Abs(x), largest_zero);
                    yes = tests[t].default_left ? hn::Or(yes, is_zero) : hn::AndNot(is_zero, yes);
                }
                if (tests[t].default_left) {
                    yes = hn::Or(yes, hn::IsNaN(x));
                }
                bits |= hn::BitsFromMask(d, yes) << i;
            }
            answers[t * 8 + word] = bits;
        }
    }
}

HWY_INLINE void answer_all(const BlockQuestions& questions, std::byte* slots) {
    std::memset(plane_at(slots, kZeroSlot), 0, kSlotBytes);
    std::memset(plane_at(slots, kOneSlot), 0xFF, kSlotBytes);
    const era::EraBatch& batch = *questions.batch;
    for (const ColumnTests& column : questions.tests->columns) {
        std::uint64_t* const answers = plane_at(slots, kFirstTestSlot + column.first_test);
        const era::BlockLayout::Column& place = batch.layout().columns[column.column];
        if (place.form == era::ColumnForm::coded) {
            answer_coded(batch.planes(questions.block, column.column), place.planes,
                         batch.levels[column.column].count,
                         questions.yes_codes.data() + column.first_test, column.test_count,
                         answers);
        } else {
            answer_plain(batch.values(questions.block, column.column),
                         questions.tests->tests.data() + column.first_test, column.test_count,
                         answers);
        }
    }
}

}  // namespace erawise::infer::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
