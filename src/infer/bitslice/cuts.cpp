#include "infer/bitslice/cuts.h"

#include <ranges>

namespace erawise::infer {

const CutPlan& CutPlanner::plan(std::span<const TreeNode> tree, const TreeLevels& levels,
                                std::uint32_t treelet_depth) {
    treelets_below_.assign(tree.size(), 1);
    for (const std::uint32_t index : std::views::reverse(levels.order)) {
        if (levels.depths[index] > treelet_depth) {
            treelets_below_[index] = treelets_below_[static_cast<std::size_t>(tree[index].left)] +
                                     treelets_below_[static_cast<std::size_t>(tree[index].right)];
        }
    }
    plan_.cuts.clear();
    plan_.treelets.assign(treelets_below_[0], {});
    positions_.assign(tree.size(), 0);
    // Below a treelet's root nothing is planned; its nodes have the mark of those.
    constexpr std::uint32_t kWithin = UINT32_MAX;
    for (const std::uint32_t index : levels.order) {
        const TreeNode& node = tree[index];
        const std::uint32_t first = positions_[index];
        const bool is_above = levels.depths[index] > treelet_depth;
        if (!is_above && first != kWithin) {
            plan_.treelets[first] = {.node = index, .depth = levels.depths[index]};
        }
        if (node.is_leaf()) {
            continue;
        }
        const auto left = static_cast<std::size_t>(node.left);
        const auto right = static_cast<std::size_t>(node.right);
        const std::uint32_t middle = first + treelets_below_[left];
        positions_[left] = is_above ? first : kWithin;
        positions_[right] = is_above ? middle : kWithin;
        if (is_above) {
            plan_.cuts.push_back({.node = index,
                                  .first = first,
                                  .middle = middle,
                                  .end = middle + treelets_below_[right]});
        }
    }
    return plan_;
}

}  // namespace erawise::infer
