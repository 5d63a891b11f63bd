#pragma once

#include <cstddef>
#include <string>

#include "infer/model_description.h"
#include "util/stop_signal.h"

namespace erawise::infer {

/// Predicts rows made up from the model's own thresholds, missing values among them, with the
/// bitsliced engine and with libxgboost, or with the plain walk over the trees where libxgboost
/// cannot read the model. Error(bug) when one bit differs. Returns what was compared, or why
/// nothing was, as a sentence without a full stop.
///
/// `stop`: as in read_model_description().
///
/// Memory: both predictors, and 512 float32 rows of all features, twice.
std::string check_against_reference(const ModelDescription& model,
                                    const util::StopSignal* stop = nullptr);

}  // namespace erawise::infer
