#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "era/era_batch.h"
#include "infer/forest.h"

namespace erawise::test {

struct ForestShape {
    std::size_t trees = 10;
    std::uint32_t features = 8;
    std::uint32_t leaves = 32;  ///< per tree, at most
    enum class Growth { level, random, chain } growth = Growth::level;
    bool coarse_thresholds = true;  ///< one of a few, as five-valued features give; else any float
    bool five_valued = false;  ///< just the four that five values allow, as training finds them
    /// Float64: leaves that float32 cannot hold, and at some nodes zero is missing.
    infer::Arithmetic arithmetic = infer::Arithmetic::float32;
};

/// A tree that grows leaf by leaf: breadth first, at random places, or always at the newest leaf.
inline void append_tree(infer::Forest& forest, const ForestShape& shape, std::mt19937& generator) {
    std::vector<infer::TreeNode> tree(1);
    std::vector<std::size_t> open = {0};
    for (std::uint32_t leaves = 1; leaves < shape.leaves; ++leaves) {
        std::size_t at = 0;
        if (shape.growth == ForestShape::Growth::random) {
            at = generator() % open.size();
        } else if (shape.growth == ForestShape::Growth::chain) {
            at = open.size() - 1 - generator() % std::min<std::size_t>(2, open.size());
        }
        const std::size_t node = open[at];
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
        tree[node].left = static_cast<std::int32_t>(tree.size());
        tree[node].right = static_cast<std::int32_t>(tree.size() + 1);
        tree[node].feature = static_cast<std::uint32_t>(generator() % shape.features) & 0x1FFFFFFFu;
        tree[node].default_left = generator() % 2 == 0 ? 1u : 0u;
        if (shape.five_valued) {
            tree[node].default_left = 0;
            tree[node].value = float(1 + generator() % 4) * 0.25F;
        } else if (shape.coarse_thresholds) {
            tree[node].value = float(generator() % 5) * 0.25F + 0.1F * float(generator() % 2);
        } else {
            tree[node].value = float(generator()) / float(std::mt19937::max());
        }
        if (shape.arithmetic == infer::Arithmetic::float64 && !shape.five_valued) {
            tree[node].zero_is_missing = generator() % 3 == 0 ? 1u : 0u;
        }
        open.push_back(tree.size());
        open.push_back(tree.size() + 1);
        tree.resize(tree.size() + 2);
    }
    std::vector<double> leaves;
    for (infer::TreeNode& node : tree) {
        if (!node.is_leaf()) {
            continue;
        }
        if (shape.arithmetic == infer::Arithmetic::float32) {
            node.value = (float(generator()) / float(std::mt19937::max()) - 0.5F) * 0.1F;
        } else {
            node.right = static_cast<std::int32_t>(leaves.size());
            leaves.push_back((double(generator()) / double(std::mt19937::max()) - 0.5) * 0.1);
        }
    }
    infer::ForestBuilder(forest).take({tree, leaves});
}

inline infer::Forest random_forest(const ForestShape& shape, unsigned seed) {
    std::mt19937 generator(seed);
    infer::Forest forest;
    forest.arithmetic = shape.arithmetic;
    forest.num_feature = shape.features;
    forest.base_margin = 0.5F;
    for (std::size_t i = 0; i < shape.trees; ++i) {
        append_tree(forest, shape, generator);
    }
    return forest;
}

/// Rows with coded columns of 1 to 4 planes and plain ones, missing values in both.
inline era::EraBatch random_rows(std::size_t rows, std::uint32_t columns, unsigned seed) {
    std::mt19937 generator(seed);
    auto layout = std::make_shared<era::BlockLayout>();
    for (std::uint32_t column = 0; column < columns; ++column) {
        const unsigned planes = (column * 3 + 3) % 5;
        layout->add(planes > 0 ? era::ColumnForm::coded : era::ColumnForm::plain, planes);
    }
    era::EraBatch batch((rows / era::kBlockRows + 1) * layout->block_bytes);
    batch.reset(layout, "era1");
    for (std::size_t row = 0; row < rows; ++row) {
        batch.ids.push_back("id");
    }
    for (std::uint32_t column = 0; column < columns; ++column) {
        era::Levels& levels = batch.levels[column];
        const unsigned planes = layout->columns[column].planes;
        if (planes > 0) {
            levels.count = static_cast<std::uint8_t>(1 + generator() % (1u << planes));
        }
        for (unsigned i = 0; i < levels.count; ++i) {
            levels.values[i] = i == 2 ? NAN : float((i * 7 + column) % 16) * 0.0625F;
        }
        for (std::size_t row = 0; row < rows; ++row) {
            const std::size_t block = row / era::kBlockRows;
            const std::size_t bit = row % era::kBlockRows;
            if (planes == 0) {
                batch.values(block, column)[bit] =
                    generator() % 10 == 0 ? NAN : float(generator() % 1000) * 0.001F;
                continue;
            }
            const std::uint64_t code = generator() % levels.count;
            for (unsigned p = 0; p < planes; ++p) {
                batch.planes(block, column)[p * 8 + bit / 64] |= ((code >> p) & 1) << (bit % 64);
            }
        }
    }
    return batch;
}

}  // namespace erawise::test
