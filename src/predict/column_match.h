#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "infer/feature_match.h"
#include "output/transformer.h"
#include "predict/feature_sets.h"
#include "predict/models.h"
#include "predict/prediction.h"
#include "predict/task_slots.h"
#include "stats/era_scores.h"
#include "stats/exposures.h"

namespace erawise {

/// The columns of a data file, in its order.
struct DataColumns {
    std::string file;  ///< as errors name it
    std::span<const std::string> names;
};

/// What is asked of the data, in the order of the batches' columns.
struct DataSelection {
    infer::FeatureUnion features;
    std::size_t features_of_models = 0;  ///< the first ones
    output::FeatureSetColumns feature_sets;
    std::vector<std::string> numbers;  ///< float64 behind the features: the target
};

/// The models that are left, with their features' places among the columns, and all columns.
struct MatchedColumns {
    Models models;
    DataSelection selection;
};

/// Finds what tasks and scores need among the columns of the data. An error of a model, or of a set
/// that transforms name, ends the tasks that use it; when none is left, the first one is thrown.
/// Throws errors of the set of models without names, of FNC's set and of the target.
MatchedColumns match_columns(Models read, std::span<const PredictionTask> tasks, TaskSlots& slots,
                             const PredictionOptions& options, const DataColumns& data);

/// The features of a set, each with its place among the columns in use, to which it is added.
/// Error(data) where the data has not all of them.
std::vector<stats::FeatureColumn> match_feature_set(const std::string& set,
                                                    const FeatureSets& feature_sets,
                                                    const DataColumns& data,
                                                    infer::FeatureUnion& used);

/// What a model adds to Numerai's meta model is MMC, and to anything else, such as a benchmark's
/// column, BMC. The column's name says which it is ("numerai_meta_model"), and the file's where
/// the column is called "prediction".
stats::ScoreKind contribution_kind(const std::filesystem::path& file, std::string_view column);

/// Error(data) where there is no such column, with those that might have been meant.
void require_target(const std::string& target, const DataColumns& data);

}  // namespace erawise
