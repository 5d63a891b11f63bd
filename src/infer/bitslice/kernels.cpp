// This file is compiled once per vector target: Highway includes it again for each of them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "infer/bitslice/kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/highway.h>

#include "infer/bitslice/answers-inl.h"
#include "infer/bitslice/code-inl.h"
#include "infer/bitslice/kernels.h"
#include "infer/bitslice/leaves_bytes-inl.h"
#include "infer/bitslice/leaves_masked-inl.h"

HWY_BEFORE_NAMESPACE();
namespace erawise::infer::HWY_NAMESPACE {

void Answer(const BlockQuestions& questions, std::byte* slots) {
    answer_all(questions, slots);
}

template <class Sum>
HWY_INLINE void evaluate(const BitsliceProgram& program, std::byte* slots, Sum start,
                         Sum* margins) {
    alignas(64) Sum sums[era::kBlockRows];
    for (Sum& sum : sums) {
        sum = start;
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
        margins[row_of_sum<Sum>(position)] = sums[position];
    }
}

void EvaluateFloat32(const BitsliceProgram& program, std::byte* slots, float* margins) {
    evaluate(program, slots, program.evaluation.base_margin, margins);
}

void EvaluateFloat64(const BitsliceProgram& program, std::byte* slots, double* sums) {
    evaluate(program, slots, 0.0, sums);
}

const char* TargetName() {
    return hwy::TargetName(HWY_TARGET);
}

}  // namespace erawise::infer::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace erawise::infer {

HWY_EXPORT(Answer);
HWY_EXPORT(EvaluateFloat32);
HWY_EXPORT(EvaluateFloat64);
HWY_EXPORT(TargetName);

void answer_tests(const BlockQuestions& questions, std::byte* slots) noexcept {
    HWY_DYNAMIC_DISPATCH(Answer)(questions, slots);
}

void evaluate_program(const BitsliceProgram& program, std::byte* slots, float* margins) noexcept {
    HWY_DYNAMIC_DISPATCH(EvaluateFloat32)(program, slots, margins);
}

void evaluate_program(const BitsliceProgram& program, std::byte* slots, double* sums) noexcept {
    HWY_DYNAMIC_DISPATCH(EvaluateFloat64)(program, slots, sums);
}

const char* bitslice_kernel_name() {
    return HWY_DYNAMIC_DISPATCH(TargetName)();
}

}  // namespace erawise::infer
#endif
