#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "era/era_batch.h"

namespace erawise::infer {

/// Decodes rows [`first`, `first` + `rows`) of a block into a row-major float32 matrix: value of
/// row r and feature f at `matrix[r * columns.size() + f]`, where feature f is column `columns[f]`
/// of the batch. `first` is a multiple of 64. Missing values are NaN.
void fill_matrix(const era::EraBatch& batch, std::size_t block, std::size_t first, std::size_t rows,
                 std::span<const std::uint32_t> columns, float* matrix) noexcept;

}  // namespace erawise::infer
