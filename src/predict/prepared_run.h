#pragma once

#include <memory>
#include <span>

#include "decode/decoder.h"
#include "era/era_order.h"
#include "infer/engines/engine.h"
#include "predict/column_match.h"
#include "predict/joined_files.h"
#include "predict/models.h"
#include "predict/prediction.h"
#include "predict/run_plan.h"
#include "predict/task_slots.h"
#include "util/stop_signal.h"

namespace erawise {

/// Everything that is known before the first row: models read and matched to the columns of the
/// data, and a plan. Nothing large has been allocated, and nothing written.
struct PreparedRun {
    JoinedFiles joined;
    infer::PredictorFactory factory;
    Models models;            ///< not loaded yet
    DataSelection selection;  ///< of the data's columns
    era::EraOrder order = era::EraOrder::any;
    RunPlan plan;
    std::unique_ptr<decode::Decoder> decoder;  ///< null: the data is to be opened again
};

/// Errors as with predict_file().
PreparedRun prepare_run(const PredictionOptions& options, std::span<const PredictionTask> tasks,
                        TaskSlots& slots, const util::StopSignal& stop);

}  // namespace erawise
