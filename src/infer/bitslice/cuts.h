#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "infer/forest.h"

namespace erawise::infer {

/// How the rows of a tree are told apart when its shape is irregular: by cuts.
///
/// The treelets of a tree (its leaves, or what is at most two levels high at its bottom) stand in
/// order, "yes" before "no". The cut at a position is the plane of the rows whose treelet stands
/// there or behind. Each node above the treelets has one: the place where the treelets of its "yes"
/// end. Its rows are those behind the cut where the node's treelets begin and not behind the cut
/// where they end, so that
///
///     cut(middle) = test ? cut(end) : cut(first)
///
/// holds for all rows: for those that never come here both sides are the same. That is one select
/// per node from the root down, however skewed the tree is. See kFold for what becomes of the cuts.
struct CutPlan {
    /// A node's cut; positions of treelets.
    struct Cut {
        std::uint32_t node = 0;
        std::uint32_t first = 0;
        std::uint32_t middle = 0;
        std::uint32_t end = 0;
    };
    struct Treelet {
        std::uint32_t node = 0;
        std::uint32_t depth = 0;  ///< levels of tests
    };

    std::vector<Cut> cuts;          ///< from the root down, level by level: neighbours rarely wait
    std::vector<Treelet> treelets;  ///< by position
};

/// Levels of tests below each node of a tree, and the nodes from the root down.
struct TreeLevels {
    std::span<const std::uint32_t> order;
    std::span<const std::uint32_t> depths;
};

/// Makes plans of one tree after the other.
class CutPlanner {
  public:
    /// `treelet_depth`: of treelets at most. The plan is valid until the next call.
    const CutPlan& plan(std::span<const TreeNode> tree, const TreeLevels& levels,
                        std::uint32_t treelet_depth);

  private:
    CutPlan plan_;
    std::vector<std::uint32_t> treelets_below_;
    std::vector<std::uint32_t> positions_;
};

}  // namespace erawise::infer
