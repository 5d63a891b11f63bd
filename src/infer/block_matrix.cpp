#include "infer/block_matrix.h"

#include <algorithm>

namespace erawise::infer {
namespace {

/// Writes up to 64 rows of a coded column: bit r of word p is bit p of row r's code.
void write_coded(const std::uint64_t* words, const era::Levels& levels, unsigned planes,
                 std::size_t rows, std::size_t stride, float* target) {
    std::uint64_t plane[era::kMaxPlanes] = {};
    for (unsigned p = 0; p < planes; ++p) {
        plane[p] = words[p * (era::kBlockRows / 64)];
    }
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t code = ((plane[0] >> row) & 1) | (((plane[1] >> row) & 1) << 1) |
                                 (((plane[2] >> row) & 1) << 2) | (((plane[3] >> row) & 1) << 3);
        target[row * stride] = levels.values[code];
    }
}

}  // namespace

void fill_matrix(const era::EraBatch& batch, std::size_t block, std::size_t first, std::size_t rows,
                 std::span<const std::uint32_t> columns, float* matrix) noexcept {
    const std::size_t stride = columns.size();
    for (std::size_t begin = first; begin < first + rows; begin += 64) {
        const std::size_t count = std::min<std::size_t>(64, first + rows - begin);
        float* const target = matrix + (begin - first) * stride;
        for (std::size_t f = 0; f < stride; ++f) {
            const std::uint32_t column = columns[f];
            const era::BlockLayout::Column& place = batch.layout().columns[column];
            if (place.form == era::ColumnForm::coded) {
                write_coded(batch.planes(block, column) + begin / 64, batch.levels[column],
                            place.planes, count, stride, target + f);
            } else {
                const float* values = batch.values(block, column) + begin;
                for (std::size_t row = 0; row < count; ++row) {
                    target[row * stride + f] = values[row];
                }
            }
        }
    }
}

}  // namespace erawise::infer
