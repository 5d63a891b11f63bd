#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "infer/category_levels.h"
#include "infer/forest.h"

namespace erawise::infer {

enum class ModelFormat : std::uint8_t {
    ubjson,
    json,
    binary,   ///< deprecated; libxgboost no longer reads it
    lightgbm  ///< LightGBM's text
};

/// What a model file says about itself, without its trees.
struct ModelDescription {
    std::filesystem::path path;
    std::uint64_t file_bytes = 0;
    ModelFormat format = ModelFormat::ubjson;

    std::string booster;     ///< "gbtree", "dart", "gblinear"; "lightgbm"
    std::string objective;   ///< "reg:squarederror", "binary:logistic", ...; "binary sigmoid:1"
    std::string base_score;  ///< as written: "5E-1" or "[5E-1]"
    bool base_score_is_margin = false;            ///< binary files with major version 0
    std::uint32_t num_feature = 0;                ///< features that the model was trained on
    std::uint32_t num_class = 0;                  ///< 0 for regression and binary
    std::uint32_t num_target = 1;                 ///< outputs per row
    std::vector<std::string> feature_names;       ///< empty when the model carries none
    std::optional<std::uint32_t> best_iteration;  ///< round that early stopping chose, from 0

    std::uint32_t features_asked = 0;  ///< the highest feature that a tree splits on, plus one
    std::vector<bool> is_asked;        ///< by feature, whether a tree splits on it; may end early
    bool keeps_levels = false;         ///< of categories: XGBoost from 3.1 on
    std::vector<CategoryLevels> category_levels;  ///< of features that have any
    bool has_categorical_splits = false;
    bool has_tree_weights = false;          ///< dropout: leaves are scaled tree by tree
    bool averages_trees = false;            ///< LightGBM's random forests
    std::uint32_t trees_per_iteration = 1;  ///< num_parallel_tree
    /// Number of trees after each iteration, 0 first; empty in files before XGBoost 2.
    std::vector<std::uint32_t> iteration_ends;

    std::uint32_t trees = 0;
    std::uint64_t nodes = 0;  ///< leaves included
    std::uint32_t max_depth = 0;
    std::uint64_t max_leaves = 0;  ///< of one tree
    std::vector<TreeNode> tests;   ///< one split for each different test; kMostTests + 1 at most
    std::uint64_t distinct_tests = 0;  ///< their number
};

/// "'feature_a'", or "3" (counted from 0) where the model carries no names.
std::string name_of_feature(const ModelDescription& model, std::uint32_t feature);

/// Different tests that the bitsliced engine takes, since its slots have 16-bit numbers: Numerai's
/// features make less than 30,000. Loaders count no further.
inline constexpr std::size_t kMostTests = 60'000;

}  // namespace erawise::infer
