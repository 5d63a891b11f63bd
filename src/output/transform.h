#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace erawise::output {

/// One thing that is done to the predictions of an era.
struct TransformStep {
    enum class Kind : std::uint8_t {
        rank,       ///< (average rank - 0.5) / n
        gauss,      ///< ranks as quantiles of the normal distribution, divided by their deviation
        neutralize  ///< what the features of a set explain is taken away (stats/neutralizer.h)
    };
    Kind kind = Kind::rank;
    std::string feature_set = {};  ///< of neutralize: a set of features.json
    double proportion = 1;         ///< of neutralize: above 0, up to 1

    bool operator==(const TransformStep&) const = default;
};

/// In the order in which they are done. Empty: the model's values as they are.
using Transforms = std::vector<TransformStep>;

/// How the predictions of several models become those of one submission: each is ranked within the
/// era, as Gaussian quantiles or not, and the weighted mean is taken.
enum class Blend : std::uint8_t { rank, gauss };

}  // namespace erawise::output
