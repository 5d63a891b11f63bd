#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "submit/submission_check.h"
#include "transport/http.h"
#include "transport/numerai_api.h"
#include "transport/retry.h"
#include "util/clock.h"

namespace erawise::submit {

struct DiagnoseOptions {
    std::filesystem::path predictions{};  ///< CSV: id,prediction; rows of validation eras
    std::string model_name{};             ///< looked up in the account when there is no id
    std::string model_id{};               ///< UUID; spares the look-up
    std::string compute_id{};             ///< NUMERAI_COMPUTE_ID, a header of the upload when given
};

/// A run of Numerai's diagnostics that was created.
struct DiagnosticsRun {
    std::string model;  ///< name, or the id when only that was given
    std::string model_id;
    std::string id;
    std::string sha256;  ///< of the file
};

struct DiagnosticsWait {
    /// How long to wait for the end of the run. Zero: look once.
    std::chrono::milliseconds wait = std::chrono::minutes(30);

    /// Pauses between two looks double from the first to the longest; each is a random time of at
    /// least half of that.
    std::chrono::milliseconds first_pause = std::chrono::seconds(1);
    std::chrono::milliseconds longest_pause = std::chrono::minutes(1);
};

/// The rules of check_submission(), without the live ids: a file for diagnostics has rows of other
/// eras. Throws Error(data) with the line and the remedy, Error(disk).
CheckedSubmission check_diagnostics_file(const std::filesystem::path& file);

/// Checks the file, uploads it, and has Numerai begin its diagnostics. No round has to be open.
///
/// When the answer to the creation is lost, the model's runs are asked for this file's name before
/// anything is created again. Only when the API refuses to list them (the key may lack the scope
/// read_submission_info) is that left out, with a warning.
///
/// Nothing is sent when check_diagnostics_file() refuses the file. Throws Error(rejected) with
/// Numerai's words, Error(network) when the retries gave up, Error(data), Error(disk),
/// Error(usage), Error(cancelled). `random` makes the file name unique.
DiagnosticsRun create_diagnostics(transport::NumeraiApi& api, transport::HttpClient& http,
                                  transport::Retrier& retrier,
                                  const transport::RandomFraction& random,
                                  const DiagnoseOptions& options);

/// Looks at the run until it is done, and returns it with its numbers. `seen` gets what each look
/// found, so that the caller can tell of it also when an error follows. Sets the retrier's
/// deadline to the end of the wait; an outage is only one more reason to wait.
///
/// A status that this version does not know counts as not yet done; it is logged once. Throws
/// Error(rejected) when Numerai failed or refused the run, Error(network) when it was not done in
/// time, both with the run's id, and Error(cancelled).
transport::Diagnostics wait_for_diagnostics(
    transport::NumeraiApi& api, transport::Retrier& retrier, util::Clock& clock,
    const transport::RandomFraction& random, const DiagnosticsRun& run,
    const DiagnosticsWait& options, const std::function<void(const transport::Diagnostics&)>& seen);

}  // namespace erawise::submit
