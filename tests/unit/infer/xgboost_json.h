#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "infer/forest.h"

namespace erawise::test {

/// Appends `"name":[...],` with one value per node.
template <typename Value>
void append_array(std::string& text, const char* name, std::span<const infer::TreeNode> tree,
                  Value&& value) {
    fmt::format_to(std::back_inserter(text), "\"{}\":[", name);
    for (std::size_t i = 0; i < tree.size(); ++i) {
        fmt::format_to(std::back_inserter(text), "{}{}", i == 0 ? "" : ",", value(i));
    }
    text += "],";
}

inline std::string json_of_tree(std::span<const infer::TreeNode> tree, std::size_t id,
                                std::uint32_t features) {
    constexpr std::int32_t kNoParent = std::numeric_limits<std::int32_t>::max();
    std::vector<std::int32_t> parents(tree.size(), kNoParent);
    for (std::size_t i = 0; i < tree.size(); ++i) {
        if (!tree[i].is_leaf()) {
            parents[static_cast<std::size_t>(tree[i].left)] = static_cast<std::int32_t>(i);
            parents[static_cast<std::size_t>(tree[i].right)] = static_cast<std::int32_t>(i);
        }
    }
    std::string text = "{";
    append_array(text, "left_children", tree, [&](std::size_t i) { return tree[i].left; });
    append_array(text, "right_children", tree, [&](std::size_t i) { return tree[i].right; });
    append_array(text, "parents", tree, [&](std::size_t i) { return parents[i]; });
    append_array(text, "split_indices", tree, [&](std::size_t i) { return int(tree[i].feature); });
    append_array(text, "split_conditions", tree,
                 [&](std::size_t i) { return fmt::format("{:.9e}", tree[i].value); });
    append_array(text, "default_left", tree,
                 [&](std::size_t i) { return int(tree[i].default_left); });
    append_array(text, "split_type", tree, [](std::size_t) { return 0; });
    for (const char* name : {"base_weights", "loss_changes", "sum_hessian"}) {
        append_array(text, name, tree, [](std::size_t) { return "0.0"; });
    }
    return text + fmt::format(R"("categories":[],"categories_nodes":[],"categories_segments":[],)"
                              R"("categories_sizes":[],"id":{},"tree_param":{{"num_deleted":"0",)"
                              R"("num_feature":"{}","num_nodes":"{}","size_leaf_vector":"1"}}}})",
                              id, features, tree.size());
}

/// A forest as XGBoost's JSON model format has it, for libxgboost to read: squared error, base
/// margin as base score. https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
inline std::string xgboost_json(const infer::Forest& forest) {
    std::string trees;
    std::string info;
    std::string ends = "0";
    for (std::size_t i = 0; i < forest.trees(); ++i) {
        trees += (i == 0 ? "" : ",") + json_of_tree(forest.tree(i).nodes, i, forest.num_feature);
        info += i == 0 ? "0" : ",0";
        ends += fmt::format(",{}", i + 1);
    }
    return fmt::format(
        R"({{"learner":{{"attributes":{{}},"feature_names":[],"feature_types":[],)"
        R"("gradient_booster":{{"model":{{"gbtree_model_param":{{"num_parallel_tree":"1",)"
        R"("num_trees":"{}"}},"iteration_indptr":[{}],"tree_info":[{}],"trees":[{}]}},)"
        R"("name":"gbtree"}},"learner_model_param":{{"base_score":"{:.9g}",)"
        R"("boost_from_average":"1","num_class":"0","num_feature":"{}","num_target":"1"}},)"
        R"("objective":{{"name":"reg:squarederror","reg_loss_param":{{"scale_pos_weight":"1"}}}}}},)"
        R"("version":[3,0,0]}})",
        forest.trees(), ends, info, trees, forest.base_margin, forest.num_feature);
}

}  // namespace erawise::test
