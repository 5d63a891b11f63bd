#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "era/era_batch.h"
#include "infer/bitslice/program.h"

namespace erawise::infer {

/// A block of rows, and what its codes say to the tests.
struct BlockQuestions {
    const TestTable* tests = nullptr;
    /// Coded columns: bit c of entry t tells whether code c answers test t with yes.
    std::span<const std::uint16_t> yes_codes;
    const era::EraBatch* batch = nullptr;
    std::size_t block = 0;
};

/// Answers all tests for a block of 512 rows, into the constants' slots and those of the tests.
///
/// `slots`: as many x 64 bytes on a cache line as the largest program needs. Written with Highway:
/// AVX-512, AVX2, SSE4, NEON or scalar code, chosen at run time (util/vector_target.h).
void answer_tests(const BlockQuestions& questions, std::byte* slots) noexcept;

/// Evaluates a float32 program on a block whose tests are answered in `slots`; the slots behind
/// them are its scratch. `margins`: 512 floats on a cache line; base margin plus leaves in tree
/// order, before the link.
void evaluate_program(const BitsliceProgram& program, std::byte* slots, float* margins) noexcept;

/// The same for a float64 program: 512 doubles on a cache line, the sums of the leaves.
void evaluate_program(const BitsliceProgram& program, std::byte* slots, double* sums) noexcept;

/// The name of the target that the kernels use.
const char* bitslice_kernel_name();

}  // namespace erawise::infer
