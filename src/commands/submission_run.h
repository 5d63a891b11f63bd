#pragma once

#include <optional>
#include <string>
#include <vector>

#include "acquire/round_wait.h"
#include "commands/network.h"
#include "config/config.h"
#include "predict/prediction.h"
#include "report/run_report.h"
#include "util/error.h"
#include "util/id_set.h"
#include "util/lock_file.h"
#include "util/stop_signal.h"

namespace erawise {

/// The ids of the tasks' models in the account, in their order; a task whose model the account
/// lacks has its error, and an empty id.
using ModelIds = std::vector<std::string>;

/// What can be known before a round opens: whether the key is good and has its scopes, and whether
/// the account has the models. Throws Error(rejected) with the remedy, Error(network).
ModelIds check_account(const Config& config, Network& network, std::vector<PredictionTask>& tasks);

/// The same, but empty when Numerai cannot be reached while there is time to wait: then it is to be
/// asked again.
std::optional<ModelIds> check_account_early(const Config& config, Network& network,
                                            std::vector<PredictionTask>& tasks);

/// Waits until no other process of this machine submits with the same output folder. What this
/// process did is on the disk when the next one gets the lock. Throws Error(network) when that
/// lasts until the round closes (`closes`, in the server's time), or where its close is not known,
/// longer than retry.budget_seconds.
util::LockFile lock_submissions(const Config& config, Network& network,
                                const std::optional<util::Clock::TimePoint>& closes);

/// Submits what was predicted; each model on its own, so that an error stays with its task and in
/// the report. `ids`: the rows that were predicted. Throws only what ends all of them.
void submit_tasks(const Config& config, Network& network, std::vector<PredictionTask>& tasks,
                  const ModelIds& models, const acquire::OpenRound& open, const util::IdSet& ids,
                  RunReport& report);

/// `erawise submit`: one file that is there already. Its ids must be those of the live data that
/// the user names, else of what `run` downloaded for the open round; when there is neither, Numerai
/// will tell.
void submit_file(const Config& config, Network& network, RunReport& report,
                 const util::StopSignal& stop);

/// The error of highest severity among the tasks'; empty when all is well.
std::optional<util::Error> worst_error(const std::vector<PredictionTask>& tasks);

/// Adds the tasks that the report does not have yet: those with an error of their own as failed,
/// the others as skipped because of `error`.
void report_unsent(const std::vector<PredictionTask>& tasks, const util::Error& error,
                   RunReport& report);

}  // namespace erawise
