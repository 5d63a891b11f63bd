#include "infer/forest.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace erawise::infer {

std::optional<std::uint32_t> depth_of_tree(std::span<const TreeNode> tree) {
    std::vector<bool> met(tree.size(), false);
    std::vector<std::pair<std::int32_t, std::uint32_t>> open = {{0, 0}};  // node, depth
    std::uint32_t deepest = 0;
    while (!open.empty()) {
        const auto [node, depth] = open.back();
        open.pop_back();
        const auto index = static_cast<std::size_t>(node);
        if (node < 0 || index >= tree.size() || met[index]) {
            return std::nullopt;
        }
        met[index] = true;
        deepest = std::max(deepest, depth);
        if (!tree[index].is_leaf()) {
            open.emplace_back(tree[index].left, depth + 1);
            open.emplace_back(tree[index].right, depth + 1);
        }
    }
    return deepest;
}

std::uint64_t test_key(const TreeNode& node) noexcept {
    const std::uint64_t question = (std::uint64_t{node.feature} << 1) | node.default_left;
    return (question << 32) | std::bit_cast<std::uint32_t>(node.value);
}

float walk(const Forest& forest, std::span<const float> row) {
    float margin = forest.base_margin;
    for (std::size_t t = 0; t < forest.trees(); ++t) {
        const std::span<const TreeNode> tree = forest.tree(t);
        const TreeNode* node = tree.data();
        while (!node->is_leaf()) {
            const float x = row[node->feature];
            const bool left = std::isnan(x) ? node->default_left != 0 : x < node->value;
            node = &tree[static_cast<std::size_t>(left ? node->left : node->right)];
        }
        margin += node->value;
    }
    return apply_link(forest.link, margin);
}

float apply_link(Link link, float margin) noexcept {
    if (link == Link::identity) {
        return margin;
    }
    constexpr float kLargestExponent = 88.7F;  // exp of it is still finite
    constexpr float kEpsilon = 1e-16F;
    const float denominator = std::exp(std::min(-margin, kLargestExponent)) + 1.0F + kEpsilon;
    return 1.0F / denominator;
}

}  // namespace erawise::infer
