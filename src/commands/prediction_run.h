#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "config/config.h"
#include "predict/prediction.h"
#include "report/run_report.h"
#include "util/id_set.h"
#include "util/stop_signal.h"

namespace erawise {

/// What a prediction is made for, beside the files that tasks name.
struct Purpose {
    std::uint64_t transfer_bytes = 0;   ///< of memory that comes afterwards, to submit
    std::optional<ScoreOptions> score;  ///< empty: nothing is scored
};

/// Predicts `data` with all tasks; shows how far it is, and fills the report. Returns the ids of
/// the rows when there is something to submit. See predict/prediction.h.
util::IdSet predict_tasks(const Config& config, const std::filesystem::path& data,
                          std::vector<PredictionTask>& tasks, const Purpose& purpose,
                          RunReport& report, const util::StopSignal& stop);

/// Where `predict` and `backtest` write, as the configuration says.
output::WriterOptions predictions_file(const Config& config, const std::filesystem::path& path,
                                       const util::StopSignal& stop);

/// What `backtest` and `score` compare with.
ScoreOptions score_options(const Config& config);

/// Puts the scores into the report, and prints them as the user wants to read them.
void tell_scores(const Config& config, const std::vector<PredictionTask>& tasks, RunReport& report);

}  // namespace erawise
