#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "infer/feature_match.h"
#include "stats/era_scores.h"
#include "stats/exposures.h"

namespace erawise {

/// The columns of a data file, in its order.
struct DataColumns {
    std::string file;  ///< as errors name it
    std::span<const std::string> names;
};

/// The features of a set of `features_file`, each with its place among the columns in use, to which
/// it is added. Error(data) where the data has not all of them.
std::vector<stats::FeatureColumn> match_feature_set(const std::string& set,
                                                    const std::filesystem::path& features_file,
                                                    const DataColumns& data,
                                                    infer::FeatureUnion& used);

/// What a model adds to Numerai's meta model is MMC, and to anything else, such as a benchmark's
/// column, BMC. The column's name says which it is ("numerai_meta_model"), and the file's where
/// the column is called "prediction".
stats::ScoreKind contribution_kind(const std::filesystem::path& file, std::string_view column);

/// Error(data) where there is no such column, with those that might have been meant.
void require_target(const std::string& target, const DataColumns& data);

}  // namespace erawise
