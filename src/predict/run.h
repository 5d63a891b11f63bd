#pragma once

#include <span>

#include "predict/prediction.h"
#include "predict/prepared_run.h"

namespace erawise {

/// Loads the models, and moves the rows through them to the outputs. Errors as with predict_file().
PredictionResult run_predictions(PreparedRun prepared, const PredictionOptions& options,
                                 std::span<const PredictionTask> tasks, TaskSlots& slots,
                                 const util::StopSignal& stop, const ProgressCallback& progress);

}  // namespace erawise
