#pragma once

#include "config/config.h"
#include "report/run_report.h"
#include "util/stop_signal.h"

/// The commands, a file each. Every one fills the report as it goes, so that it is right also when
/// an error ends it early; errors are util::Error. What is asked for goes to standard output.
namespace erawise::commands {

/// Wait for the round, download, predict, check, upload: once for every model.
void run(const Config& config, RunReport& report, const util::StopSignal& stop);

/// Predictions of a data file, to a file or to standard output.
void predict(const Config& config, RunReport& report, const util::StopSignal& stop);

/// Predicts data that has targets and scores it in the same pass. Prints the scores.
void backtest(const Config& config, RunReport& report, const util::StopSignal& stop);

/// Scores a file of predictions. Prints the scores.
void score(const Config& config, RunReport& report, const util::StopSignal& stop);

/// One of Numerai's data files.
void download(const Config& config, RunReport& report, const util::StopSignal& stop);

/// One file of predictions that is there already. Its ids must be those of the live data that the
/// user names, else of what `run` downloaded for the open round; when there is neither, Numerai
/// will tell.
void submit(const Config& config, RunReport& report, const util::StopSignal& stop);

/// Uploads a file of predictions for the validation data to Numerai's diagnostics, waits for their
/// end, fills report.diagnostics as it goes and prints the result. With --dry-run the file is only
/// checked. See submit/diagnose.h for the errors.
void diagnose(const Config& config, RunReport& report, const util::StopSignal& stop);

/// Tells about a data file (columns, eras, rows per era), a model file (trees, features, engine),
/// and, with both, the memory plan of predicting one with the other. The report takes rows, eras
/// and the plan.
void inspect(const Config& config, RunReport& report, const util::StopSignal& stop);

/// Looks at everything that `run` needs: model files, folders, disk space, memory cap, Numerai's
/// server, the API's schema, clocks, key pair, scopes, model names, round and data. Nothing is
/// downloaded, sent or left behind, and nothing is retried but what the retry budget allows within
/// some seconds. Prints a line per check, then throws the worst problem.
void doctor(const Config& config, RunReport& report, const util::StopSignal& stop);

}  // namespace erawise::commands
