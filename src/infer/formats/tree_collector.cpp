#include "infer/formats/tree_collector.h"

#include <algorithm>
#include <bit>

namespace erawise::infer {
namespace {

/// The same number for equal tests.
std::uint64_t key_of(const TreeNode& split) {
    const std::uint64_t question = (std::uint64_t{split.feature} << 3) |
                                   (std::uint64_t{split.or_equal} << 2) |
                                   (std::uint64_t{split.zero_is_missing} << 1) | split.default_left;
    return (question << 32) | std::bit_cast<std::uint32_t>(split.value);
}

}  // namespace

void TreeCollector::take(const Tree& tree, std::uint32_t depth) {
    std::uint64_t leaves = 0;
    for (const TreeNode& node : tree.nodes) {
        leaves += node.is_leaf() ? 1U : 0U;
        if (!node.is_leaf()) {
            model_.features_asked = std::max(model_.features_asked, node.feature + 1u);
            add_test(node);
        }
    }
    model_.max_leaves = std::max(model_.max_leaves, leaves);
    model_.max_depth = std::max(model_.max_depth, depth);
    model_.nodes += tree.nodes.size();
    ++model_.trees;
    if (next_ != nullptr) {
        next_->take(tree);
    }
}

void TreeCollector::add_test(const TreeNode& split) {
    const std::uint64_t key = key_of(split);
    std::uint64_t& recent = recent_[(key * 0x9E3779B97F4A7C15u) >> 52];
    if (recent == key + 1) {  // 0 is nobody's
        return;
    }
    recent = key + 1;
    if (split.feature >= model_.is_asked.size()) {
        model_.is_asked.resize(std::size_t{split.feature} + 1);
    }
    model_.is_asked[split.feature] = true;
    if (model_.tests.size() <= kMostTests && tests_.insert(key).second) {
        model_.tests.push_back(split);
        model_.distinct_tests = model_.tests.size();
    }
}

}  // namespace erawise::infer
