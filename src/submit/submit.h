#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "transport/http.h"
#include "transport/numerai_api.h"
#include "transport/retry.h"
#include "util/id_set.h"

namespace erawise::submit {

/// What is done when the same content was submitted to the model in this round already.
enum class Repeat : std::uint8_t { skip, force };

struct SubmitOptions {
    std::filesystem::path predictions{};  ///< CSV: id,prediction
    std::string model_name{};             ///< looked up in the account when there is no id
    std::string model_id{};               ///< UUID; spares the look-up
    int round = 0;                        ///< the open round
    std::string trigger_id{};             ///< TRIGGER_ID, passed on when given
    std::string compute_id{};             ///< NUMERAI_COMPUTE_ID, a header of the upload when given
    std::optional<util::IdSet> ids{};     ///< what the file has to hold; empty: not known
    std::filesystem::path receipts{};     ///< folder of the receipts; empty: none are kept
    Repeat repeat = Repeat::skip;
};

enum class Outcome : std::uint8_t {
    accepted,
    unchanged  ///< this content is submitted already: nothing was sent
};

struct SubmissionResult {
    Outcome outcome = Outcome::accepted;
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
/// A receipt is written before the creation and after it. With the same content, the next call for
/// the same round and model does nothing; after a call that was killed in between, it first asks
/// whether that one's submission arrived. The caller sees to it that no other process submits at
/// the same time. A receipt that cannot be written is a warning: the round does not wait.
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
