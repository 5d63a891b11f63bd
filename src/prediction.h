#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "infer/engine.h"
#include "memory_plan.h"
#include "output/prediction_writer.h"
#include "prediction_stream.h"
#include "util/error.h"
#include "util/histogram.h"
#include "util/stop_signal.h"

namespace erawise {

/// A model file, and where its predictions go.
struct PredictionTask {
    std::string name;  ///< in logs and the report
    std::filesystem::path model;
    std::vector<std::string> features;  ///< for a model without names; empty: as the data has them
    output::WriterOptions output;

    /// Why this model has no predictions; the others have theirs.
    std::optional<util::Error> error = std::nullopt;

    /// Of the model's values before any transform; counted when it is there.
    std::optional<util::Histogram> distribution = std::nullopt;
};

struct PredictionOptions {
    std::filesystem::path data;
    std::string data_type;                ///< only rows of this kind; empty: all
    std::optional<float> null_value;      ///< in the place of missing values
    std::string feature_set;              ///< for models without names; empty: as the data has them
    std::filesystem::path features_file;  ///< says what is in the set
    std::filesystem::path work_directory = ".";
    infer::PredictorOptions predictor;
    unsigned threads = 1;  ///< at least 1
    std::optional<MemoryCap> cap;
    std::uint64_t transfer_bytes = 0;  ///< what checking and uploading take afterwards
    bool collect_ids = false;          ///< for the check before an upload
};

struct PredictionResult {
    StreamResult stream;
    MemoryPlan plan;
    std::uint64_t features_used = 0;
    std::string engine;  ///< of the models, each named once: "bitsliced+xgboost"
    std::string kernel;  ///< of the engine's kernels: "AVX2"; empty for xgboost alone
};

/// decode -> era -> infer -> output: predicts a data file with all tasks in one pass under the cap.
///
/// A task that fails keeps its error and does not stop the others; when none is left, the first
/// error is thrown. Errors of the data, of the plan, and signals are thrown: then no output file
/// has appeared.
PredictionResult predict_file(const PredictionOptions& options, std::vector<PredictionTask>& tasks,
                              const util::StopSignal& stop, const ProgressCallback& progress);

/// The memory plan of predict_file() without running it.
MemoryPlan plan_prediction(const PredictionOptions& options, std::vector<PredictionTask>& tasks,
                           const util::StopSignal& stop);

}  // namespace erawise
