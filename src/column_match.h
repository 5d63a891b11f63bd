#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "infer/feature_match.h"
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

/// The place of the target among the columns in use, to which it is added. Error(data) where there
/// is no such column, with those that might have been meant.
std::uint32_t match_target(const std::string& target, const DataColumns& data,
                           infer::FeatureUnion& used);

}  // namespace erawise
