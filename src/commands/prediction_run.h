#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "config/config.h"
#include "predict/prediction.h"
#include "report/run_report.h"
#include "util/error.h"
#include "util/stop_signal.h"

namespace erawise {

/// What a prediction is made for, beside the files that tasks name.
struct Purpose {
    std::uint64_t transfer_bytes = 0;   ///< of memory that comes afterwards, to submit
    std::optional<ScoreOptions> score;  ///< empty: nothing is scored
    std::optional<util::Error> no_feature_sets = std::nullopt;  ///< why features.json is not there
};

/// Predicts `data` with all tasks that are left; shows how far it is, and fills the report. Has the
/// ids of the rows when there is something to submit. See predict/prediction.h.
PredictionResult predict_tasks(const Config& config, const std::filesystem::path& data,
                               std::span<const PredictionTask> tasks, TaskSlots& slots,
                               const Purpose& purpose, RunReport& report,
                               const util::StopSignal& stop);

/// The same of one task, whose error is thrown.
PredictionResult predict_task(const Config& config, const std::filesystem::path& data,
                              const PredictionTask& task, const Purpose& purpose, RunReport& report,
                              const util::StopSignal& stop);

/// Where `predict` and `backtest` write, as the configuration says.
output::WriterOptions predictions_file(const Config& config, const std::filesystem::path& path,
                                       const util::StopSignal& stop);

/// What `backtest` and `score` compare with.
ScoreOptions score_options(const Config& config);

/// Puts the scores into the report, and prints them as the user wants to read them.
void tell_scores(const Config& config, const PredictionTask& task, const TaskResult& result,
                 RunReport& report);

}  // namespace erawise
