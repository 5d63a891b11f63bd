#pragma once

#include <optional>
#include <string>

#include "config/config.h"
#include "predict/memory_plan.h"
#include "report/run_report.h"
#include "util/stop_signal.h"

namespace erawise {

/// The cap that the configuration and the container set together.
std::optional<MemoryCap> configured_memory_cap(const Config& config);

}  // namespace erawise

/// The commands. Each fills the report as it goes, so that it is right also when an error ends it
/// early; errors are util::Error.
namespace erawise::commands {

/// Wait for the round, download, predict, check, upload: once for every model.
void run(const Config& config, RunReport& report, const util::StopSignal& stop);

void predict(const Config& config, RunReport& report, const util::StopSignal& stop);

/// Predicts data that has targets and scores it in the same pass. Returns the scores as text, for
/// standard output.
std::string backtest(const Config& config, RunReport& report, const util::StopSignal& stop);

/// Scores a file of predictions. Returns the scores as text, for standard output.
std::string score(const Config& config, RunReport& report, const util::StopSignal& stop);

void download(const Config& config, RunReport& report, const util::StopSignal& stop);

void submit(const Config& config, RunReport& report, const util::StopSignal& stop);

/// Predictions for the validation data to Numerai's diagnostics; the result to standard output.
void diagnose(const Config& config, RunReport& report, const util::StopSignal& stop);

}  // namespace erawise::commands
