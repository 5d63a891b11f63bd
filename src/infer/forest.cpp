#include "infer/forest.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace erawise::infer {

void ForestBuilder::take(const Tree& tree) {
    const std::size_t first = forest_.nodes.size();
    const auto first_leaf = static_cast<std::int32_t>(forest_.leaves.size());
    forest_.nodes.insert(forest_.nodes.end(), tree.nodes.begin(), tree.nodes.end());
    forest_.leaves.insert(forest_.leaves.end(), tree.leaves.begin(), tree.leaves.end());
    for (std::size_t i = first; first_leaf > 0 && i < forest_.nodes.size(); ++i) {
        TreeNode& node = forest_.nodes[i];
        node.right += node.is_leaf() ? first_leaf : 0;
    }
    forest_.begins.push_back(static_cast<std::uint32_t>(forest_.nodes.size()));
}

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

bool goes_left(const TreeNode& split, float x) noexcept {
    const bool is_missing =
        std::isnan(x) || (split.zero_is_missing != 0 && std::abs(x) <= kZeroThreshold);
    if (is_missing) {
        return split.default_left != 0;
    }
    return split.or_equal != 0 ? x <= split.value : x < split.value;
}

namespace {

const TreeNode& leaf_of(const Tree& tree, std::span<const float> row) {
    const TreeNode* node = tree.nodes.data();
    while (!node->is_leaf()) {
        const bool left = goes_left(*node, row[node->feature]);
        node = &tree.nodes[static_cast<std::size_t>(left ? node->left : node->right)];
    }
    return *node;
}

}  // namespace

double walk(const Forest& forest, std::span<const float> row) {
    float margin = forest.base_margin;
    double sum = 0;
    for (std::size_t t = 0; t < forest.trees(); ++t) {
        const Tree tree = forest.tree(t);
        const TreeNode& leaf = leaf_of(tree, row);
        if (forest.arithmetic == Arithmetic::float32) {
            margin += leaf.value;
        } else {
            sum += tree.leaves[static_cast<std::size_t>(leaf.right)];
        }
    }
    return forest.arithmetic == Arithmetic::float32 ? apply_link(forest.link, margin)
                                                    : finish_sum(forest, sum);
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

/// Sources: GBDT::Predict in LightGBM, src/boosting/gbdt_prediction.cpp; ConvertOutput of the
/// objectives in src/objective.
double finish_sum(const Evaluation& evaluation, double sum) noexcept {
    const double x = sum / evaluation.divisor;
    switch (evaluation.link) {
        case Link::identity:
            return x;
        case Link::sigmoid:
            return 1.0 / (1.0 + std::exp(-evaluation.slope * x));
        case Link::exponential:
            return std::exp(x);
        case Link::signed_square:
            return x < 0 ? -(x * x) : x * x;
        case Link::softplus:
            return std::log1p(std::exp(x));
    }
    return x;
}

}  // namespace erawise::infer
