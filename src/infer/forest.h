#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace erawise::infer {

/// A node of a regression tree. Children are indices within the tree; a leaf has none.
struct TreeNode {
    std::int32_t left = -1;
    std::int32_t right = -1;
    std::uint32_t feature : 31 = 0;
    std::uint32_t default_left : 1 = 0;  ///< where a missing value goes
    float value = 0;                     ///< split: `x < value` goes left; leaf: what it adds

    [[nodiscard]] bool is_leaf() const noexcept { return left < 0; }
};

/// What turns the sum of leaves into the prediction.
enum class Link : std::uint8_t {
    identity,
    sigmoid  ///< 1 / (exp(min(-x, 88.7)) + 1 + 1e-16), in float32
};

/// A boosted forest with one output per row, as XGBoost 1.3 and later evaluates it: the base
/// margin, plus one leaf of each tree in order, in float32; then the link.
struct Forest {
    std::vector<TreeNode> nodes;              ///< tree after tree, the root first
    std::vector<std::uint32_t> begins = {0};  ///< where each tree begins in `nodes`, and the end
    std::uint32_t num_feature = 0;
    float base_margin = 0;
    Link link = Link::identity;

    [[nodiscard]] std::size_t trees() const noexcept { return begins.size() - 1; }
    [[nodiscard]] std::span<const TreeNode> tree(std::size_t index) const {
        return std::span(nodes).subspan(begins[index], begins[index + 1] - begins[index]);
    }
};

/// Levels of tests in a tree; empty when the nodes are no tree: a child that does not exist, or a
/// node that is met twice on the way from the root.
std::optional<std::uint32_t> depth_of_tree(std::span<const TreeNode> tree);

/// A number for the test of a node, the same for equal tests.
std::uint64_t test_key(const TreeNode& node) noexcept;

/// The prediction of one row of `num_feature` values; NaN is missing. Readable rather than fast:
/// the truth for every engine.
float walk(const Forest& forest, std::span<const float> row);

/// The link's value for a margin.
float apply_link(Link link, float margin) noexcept;

}  // namespace erawise::infer
