#pragma once

#include <cstdint>
#include <vector>

#include "config/config.h"
#include "predict/task.h"
#include "util/error.h"

namespace erawise {

/// What is wrong with a submission, as far as the configuration and the files at hand tell: before
/// a round is waited for, before anything is downloaded.
struct ForeseenFault {
    enum class Certainty : std::uint8_t {
        certain,
        likely  ///< what a run downloads later may have it all the same
    };
    util::Error error;
    Certainty certainty = Certainty::certain;
};

/// Feature sets and features that features.json lacks (the one that is named, else the one of an
/// earlier run), and a file of predictions that cannot be written. Touches nothing.
std::vector<ForeseenFault> foreseen_faults(const Config& config, const PredictionTask& task);

/// Of all submissions that the config file has, or else of the transform for all models; for
/// --check-config. Throws one Error(usage) with all that is wrong.
void check_submissions(const Config& config);

}  // namespace erawise
