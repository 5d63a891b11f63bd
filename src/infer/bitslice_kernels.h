#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "era/era_batch.h"
#include "infer/bitslice_program.h"

namespace erawise::infer {

/// The tests of one feature, and the column that answers them.
struct FeatureTests {
    std::uint32_t column = 0;  ///< in the batch
    std::uint32_t first_test = 0;
    std::uint32_t test_count = 0;
};

/// What a kernel needs to know of a block.
struct BitsliceInput {
    const BitsliceProgram* program = nullptr;
    std::span<const FeatureTests> features;
    /// Coded columns: bit c of entry t tells whether code c answers test t with yes.
    std::span<const std::uint16_t> yes_codes;
    const era::EraBatch* batch = nullptr;
    std::size_t block = 0;
};

/// Evaluates a program on a block of 512 rows.
///
/// `slots`: program->slots x 64 bytes on a cache line, scratch. `margins`: 512 floats on a cache
/// line; base margin plus leaves in tree order, before the link. Written with Highway: AVX-512,
/// AVX2, SSE4, NEON or scalar code, chosen at run time; ERAWISE_TARGET (as Highway names targets,
/// "AVX2") forces one.
void evaluate_bitslice(const BitsliceInput& input, std::byte* slots, float* margins) noexcept;

/// The name of the target that evaluate_bitslice() uses.
const char* bitslice_kernel_name();

}  // namespace erawise::infer
