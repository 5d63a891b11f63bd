#include "infer/block_matrix.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

namespace erawise::infer {
namespace {

/// A batch of random rows: coded columns of 1 to 4 planes, and plain ones.
era::EraBatch random_batch(std::size_t rows) {
    auto layout = std::make_shared<era::BlockLayout>();
    for (const unsigned planes : {3u, 1u, 4u, 0u, 2u}) {
        layout->add(planes > 0 ? era::ColumnForm::coded : era::ColumnForm::plain, planes);
    }
    const std::size_t blocks = rows / era::kBlockRows + 1;
    era::EraBatch batch(blocks * layout->block_bytes);
    batch.reset(layout, "era1");
    std::mt19937 generator(9);
    for (std::size_t row = 0; row < rows; ++row) {
        batch.ids.push_back("id");
    }
    for (std::size_t column = 0; column < batch.columns(); ++column) {
        era::Levels& levels = batch.levels[column];
        levels.count = static_cast<std::uint8_t>(1u << layout->columns[column].planes);
        for (unsigned i = 0; i < levels.count; ++i) {
            levels.values[i] = i == 1 ? NAN : float(i) * 0.25F;
        }
        for (std::size_t block = 0; block < blocks; ++block) {
            if (layout->columns[column].form == era::ColumnForm::plain) {
                for (std::size_t row = 0; row < era::kBlockRows; ++row) {
                    batch.values(block, column)[row] = float(generator()) * 1e-9F;
                }
            } else {
                for (unsigned word = 0; word < layout->columns[column].planes * 8u; ++word) {
                    batch.planes(block, column)[word] =
                        (std::uint64_t{generator()} << 32) | generator();
                }
            }
        }
    }
    return batch;
}

TEST(BlockMatrix, HoldsEveryValueInTheModelsOrder) {
    const std::vector<std::uint32_t> columns = {4, 0, 3, 3, 2, 1};
    for (const std::size_t rows : {1u, 63u, 64u, 65u, 511u, 512u, 513u}) {
        const era::EraBatch batch = random_batch(rows);
        for (std::size_t block = 0; block < batch.blocks(); ++block) {
            const std::size_t in_block = batch.rows_in_block(block);
            for (std::size_t first = 0; first < in_block; first += 128) {
                const std::size_t count = std::min<std::size_t>(128, in_block - first);
                std::vector<float> matrix(count * columns.size() + 1, -7);
                fill_matrix(batch, block, first, count, columns, matrix.data());
                for (std::size_t row = 0; row < count; ++row) {
                    for (std::size_t f = 0; f < columns.size(); ++f) {
                        const float expected =
                            batch.value(block * era::kBlockRows + first + row, columns[f]);
                        ASSERT_EQ(std::bit_cast<std::uint32_t>(matrix[row * columns.size() + f]),
                                  std::bit_cast<std::uint32_t>(expected));
                    }
                }
                ASSERT_EQ(matrix.back(), -7) << "wrote behind the last row";
            }
        }
    }
}

}  // namespace
}  // namespace erawise::infer
