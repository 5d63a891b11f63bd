#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "transport/http.h"
#include "transport/numerai_api.h"
#include "transport/retry.h"

namespace erawise::submit {

struct SubmitOptions {
    std::filesystem::path predictions{};  ///< CSV: id,prediction
    std::string model_name{};             ///< looked up in the account when there is no id
    std::string model_id{};               ///< UUID; spares the look-up
    std::optional<int> round{};           ///< the open round; asked for when the caller has not
    std::string trigger_id{};             ///< TRIGGER_ID, passed on when given
    std::string compute_id{};             ///< NUMERAI_COMPUTE_ID, a header of the upload when given
};

struct SubmissionResult {
    int round = 0;
    std::string model;  ///< name, or the id when only that was given
    std::string model_id;
    std::string submission_id;
    std::string status;  ///< as Numerai lists it; "accepted" when the list could not be had
    std::string sha256;  ///< of the file
};

/// Checks the file, uploads it and creates the submission.
///
/// The file is streamed from the disk to a presigned URL, without the key; an upload that is
/// refused (403) or fails gets a new URL. When the answer to the creation is lost, the list of
/// submissions is asked for this run's file name before anything is created again.
///
/// Nothing is sent when check_submission() refuses the file. Throws Error(rejected) with Numerai's
/// words, Error(network) when the retries gave up, Error(disk), Error(usage), Error(cancelled).
/// `random` makes the file name unique.
SubmissionResult submit_predictions(transport::NumeraiApi& api, transport::HttpClient& http,
                                    transport::Retrier& retrier,
                                    const transport::RandomFraction& random,
                                    const SubmitOptions& options);

/// "erawise-812-my_model-0badf00d.csv": unique, so that a submission can be found by it.
std::string submission_filename(int round, const std::string& model, std::uint32_t unique);

}  // namespace erawise::submit
