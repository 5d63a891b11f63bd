#pragma once

#include <optional>
#include <string>

#include "acquire/round_wait.h"
#include "commands/network.h"
#include "commands/submissions.h"
#include "config/config.h"
#include "report/run_report.h"
#include "submit/submit.h"
#include "util/error.h"
#include "util/id_set.h"
#include "util/lock_file.h"

namespace erawise {

/// Waits until no other process of this machine submits with the same output folder. What this
/// process did is on the disk when the next one gets the lock. Throws Error(network) when that
/// lasts until the round closes (`closes`, in the server's time), or where its close is not known,
/// longer than retry.budget_seconds.
util::LockFile lock_submissions(const Config& config, Network& network,
                                const std::optional<util::Clock::TimePoint>& closes);

/// Submits what was predicted; each on its own, so that an error stays in its slot and in the
/// report. `ids`: the rows that were predicted. Throws only what ends all of them.
void submit_all(const Config& config, Network& network, Submissions& submissions,
                const acquire::OpenRound& open, const util::IdSet& ids, RunReport& report);

/// Submits one file, or with --dry-run only checks it.
SubmissionReport submit_one(const Config& config, Network& network,
                            const submit::SubmitOptions& options);

/// The same for a round. An upload may take until after its close.
SubmissionReport submit_to(const acquire::OpenRound& open, const Config& config, Network& network,
                           submit::SubmitOptions options);

/// What the configuration says of submitting `predictions` to Numerai's model `model`.
submit::SubmitOptions submit_options(const Config& config, const std::string& model,
                                     const std::filesystem::path& predictions);

/// The error of highest severity among the submissions'; empty when all is well.
std::optional<util::Error> worst_error(const Submissions& submissions);

/// Adds the submissions that the report does not have yet: those with an error of their own as
/// failed, the others as skipped because of `error`.
void report_unsent(const Submissions& submissions, const util::Error& error, RunReport& report);

}  // namespace erawise
