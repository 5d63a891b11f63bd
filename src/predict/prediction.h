#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "infer/engines/engine.h"
#include "output/era_finisher.h"
#include "output/prediction_writer.h"
#include "predict/memory_plan.h"
#include "predict/stream.h"
#include "util/error.h"
#include "util/histogram.h"
#include "util/stop_signal.h"

namespace erawise {

/// A file whose predictions a task uses, and how much they count among several.
struct TaskModel {
    std::filesystem::path file;
    double weight = 1;
    std::string column = {};  ///< of a file of predictions; empty: the only one with numbers
};

/// Where predictions come from.
enum class TaskSource : std::uint8_t {
    models,           ///< the files are models
    predictions_file  ///< the file has predictions already, by row id
};

/// One or several models, what is done to their predictions, and where they go.
struct PredictionTask {
    std::string name;               ///< in logs and the report
    std::vector<TaskModel> models;  ///< at least one
    TaskSource source = TaskSource::models;
    output::Blend blend = output::Blend::rank;  ///< of several models
    std::vector<std::string> features = {};     ///< for models without names; empty: as the data
    output::Transforms transforms = {};
    std::optional<output::WriterOptions> output = std::nullopt;  ///< empty: nothing is written

    /// Why this task has no predictions; the others have theirs.
    std::optional<util::Error> error = std::nullopt;

    /// One per era, when the run scores.
    std::vector<stats::EraScore> scores = {};
    std::optional<stats::Contribution> contribution = std::nullopt;  ///< of MMC or BMC
};

/// How one model's values are spread, before any transform.
struct ModelDistribution {
    std::string name;  ///< of the task; of an ensemble, also the file's
    util::Histogram values;
};

/// Against what predictions are scored.
struct ScoreOptions {
    std::string target;                ///< a column of the data
    std::filesystem::path meta_model;  ///< empty: no MMC
    std::string meta_model_column;     ///< empty: the only one with numbers
    std::string fnc_set;               ///< a feature set; empty: no FNC
};

struct PredictionOptions {
    std::filesystem::path data;
    std::string data_type;                ///< only rows of this kind; empty: all
    std::optional<float> null_value;      ///< in the place of missing features
    std::string feature_set;              ///< for models without names; empty: as the data has them
    std::filesystem::path features_file;  ///< says what is in feature sets
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
    StreamResult stream;
    MemoryPlan plan;
    std::uint64_t features_used = 0;
    std::string engine;  ///< of the models, each named once: "bitsliced+xgboost"
    std::string kernel;  ///< of the engine's kernels: "AVX2"; empty for xgboost alone
    std::vector<ModelDistribution> distributions;  ///< when asked for
};

/// decode -> era -> infer -> output: predicts a data file with all tasks in one pass under the cap.
///
/// A model that several tasks use is loaded once. A task that fails keeps its error and does not
/// stop the others; when none is left, the first error is thrown. Errors of the data, of the plan,
/// and signals are thrown: then no output file has appeared.
PredictionResult predict_file(const PredictionOptions& options, std::vector<PredictionTask>& tasks,
                              const util::StopSignal& stop, const ProgressCallback& progress);

/// The memory plan of predict_file() without running it: of all rows, which are read for it, where
/// predict_file() begins with what the first ones tell.
MemoryPlan plan_prediction(const PredictionOptions& options, std::vector<PredictionTask>& tasks,
                           const util::StopSignal& stop);

}  // namespace erawise
