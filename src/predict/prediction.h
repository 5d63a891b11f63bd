#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "infer/engines/engine.h"
#include "predict/feature_sets.h"
#include "predict/memory_plan.h"
#include "predict/stream.h"
#include "predict/task.h"
#include "predict/task_slots.h"
#include "util/histogram.h"
#include "util/stop_signal.h"

namespace erawise {

/// How one model's values are spread, before any transform.
struct ModelDistribution {
    std::string name;  ///< of the task; of an ensemble, also the file's
    util::Histogram values;
};

/// Against what predictions are scored.
struct ScoreOptions {
    std::string target;                   ///< a column of the data
    std::optional<ValueFile> meta_model;  ///< empty: no MMC
    std::string fnc_set;                  ///< a feature set; empty: no FNC
};

struct PredictionOptions {
    std::filesystem::path data;
    std::string data_type;            ///< only rows of this kind; empty: all
    std::optional<float> null_value;  ///< in the place of missing features
    std::string feature_set;          ///< for models without names; empty: as the data has them
    FeatureSets feature_sets;         ///< says what is in feature sets
    std::filesystem::path work_directory = ".";
    infer::PredictorOptions predictor;
    std::optional<ScoreOptions> score;  ///< empty: tasks are not scored
    unsigned threads = 1;               ///< at least 1
    std::optional<MemoryCap> cap;
    std::uint64_t transfer_bytes = 0;  ///< what checking and uploading take afterwards
    bool collect_ids = false;          ///< for the check before an upload
    bool collect_distributions = false;
};

struct PredictionResult {
    std::vector<TaskResult> tasks;  ///< as they were given
    StreamResult stream;
    MemoryPlan plan;
    std::uint64_t features_used = 0;
    std::string engine;  ///< of the models, each named once: "bitsliced+xgboost"
    std::string kernel;  ///< of the engine's kernels: "AVX2"; empty for xgboost alone
    std::vector<ModelDistribution> distributions;  ///< when asked for
};

/// decode -> era -> infer -> output: predicts a data file with all tasks in one pass under the cap.
///
/// A model that several tasks use is loaded once. A task that fails has its error in its slot and
/// does not stop the others; one that has failed before is left out. When none is left, an error is
/// thrown. Errors of the data, of the plan, and signals are thrown: then no output file has
/// appeared.
PredictionResult predict_file(const PredictionOptions& options,
                              std::span<const PredictionTask> tasks, TaskSlots& slots,
                              const util::StopSignal& stop, const ProgressCallback& progress);

/// The memory plan of predict_file() without running it: of all rows, which are read for it, where
/// predict_file() begins with what the first ones tell.
MemoryPlan plan_prediction(const PredictionOptions& options, std::span<const PredictionTask> tasks,
                           const util::StopSignal& stop);

}  // namespace erawise
