#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "era/era_batch.h"
#include "infer/predictor.h"

namespace erawise::infer {

/// Decodes rows [`first`, `first` + `rows`) of a block into a row-major float32 matrix: value of
/// row r and feature f at `matrix[r * columns.size() + f]`, where feature f is column `columns[f]`
/// of the batch. `first` is a multiple of 64. Missing values are NaN.
void fill_matrix(const era::EraBatch& batch, std::size_t block, std::size_t first, std::size_t rows,
                 std::span<const std::uint32_t> columns, float* matrix) noexcept;

/// The workspace of predictors that look at rows of floats: a matrix of as many rows of a block as
/// they take at a time.
class MatrixWorkspace final : public BlockWorkspace {
  public:
    explicit MatrixWorkspace(std::size_t values) : matrix_(values) {}

    /// Calls `body(first, rows, matrix)` for all rows of the block, `most_rows` (a multiple of 64)
    /// at a time; the matrix is as fill_matrix() makes it, has room for so many, and may be
    /// changed.
    template <typename Body>
    void for_each_part(std::size_t most_rows, std::span<const std::uint32_t> columns, Body&& body) {
        for (std::size_t first = 0; first < rows(); first += most_rows) {
            const std::size_t count = std::min(most_rows, rows() - first);
            fill_matrix(batch(), block(), first, count, columns, matrix_.data());
            body(first, count, std::span<float>(matrix_).first(count * columns.size()));
        }
    }

  private:
    std::vector<float> matrix_;
};

}  // namespace erawise::infer
