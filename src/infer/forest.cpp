#include "infer/forest.h"

#include <algorithm>
#include <cmath>

namespace erawise::infer {

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
