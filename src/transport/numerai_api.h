#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/api_operation.h"
#include "transport/credentials.h"
#include "transport/diagnostics.h"
#include "transport/http.h"
#include "transport/retry.h"
#include "transport/round.h"

namespace erawise::transport {

struct NumeraiApiOptions {
    std::string url = "https://api-tournament.numer.ai";
    std::optional<Credentials> credentials;
    std::chrono::milliseconds call_timeout = std::chrono::seconds(60);
};

struct Model {
    std::string name;
    std::string id;  ///< UUID
};

struct ApiTokenInfo {
    std::string account;
    std::string name;
    std::string public_id;
    std::vector<std::string> scopes;
};

/// Where to put a file: the server's name for it, and a presigned URL for PUT (a secret).
struct UploadAuth {
    std::string filename;
    std::string url;
};

struct NewSubmission {
    std::string filename;  ///< as UploadAuth gave it
    std::string model_id;
    std::string trigger_id{};             ///< empty: none
    std::optional<int> data_datestamp{};  ///< only for predictions on an earlier round's data
};

/// A submission as the server lists it; what it left out is empty.
struct Submission {
    std::string id;
    std::string filename;
    std::string inserted_at;
    std::string trigger_id;
    std::string status;
    std::optional<int> round;
};

/// How an operation of ours differs from what the server knows.
struct SchemaDrift {
    std::string operation;
    NeededBy needed_by = NeededBy::none;
    bool is_known = false;                ///< the server said what it thinks of the operation
    std::vector<std::string> left_out{};  ///< "rounds.dataDatestamp": commands go on without it
    std::string missing{};                ///< what the operation cannot do without
    std::string refusal{};  ///< the server's words where something is missing or wrong
    std::string remedy{};
};

class ApiSession;

/// Numerai's GraphQL API, tournament 8 (Classic), as typed calls.
///
/// Each call is repeated by the Retrier where that may help, but create_submission() and
/// create_diagnostics(). What the server's schema does not know in the form of this version is
/// asked for in another one, or left out with a warning where the answer is of use without it
/// (OperationForm). Throws Error(rejected) with Numerai's own words and the remedy,
/// Error(network) when the retries gave up, Error(usage) when a call needs a key and there is none.
/// The key goes to the origin of the API only.
///
/// `http` and `retrier` must outlive it. One thread at a time.
/// Source: github.com/numerai/numerapi, numerapi/base_api.py.
class NumeraiApi {
  public:
    NumeraiApi(HttpClient& http, Retrier& retrier, NumeraiApiOptions options);
    ~NumeraiApi();
    NumeraiApi(const NumeraiApi&) = delete;
    NumeraiApi& operator=(const NumeraiApi&) = delete;

    [[nodiscard]] bool has_credentials() const;

    /// How much the server's clock is ahead of this machine's, as its last answer told. Zero when
    /// none came yet, or when they differ by a few seconds only.
    [[nodiscard]] std::chrono::milliseconds clock_offset() const;

    /// The server's time: what the times of rounds and presigned URLs are to be compared with.
    [[nodiscard]] util::Clock::TimePoint server_now() const;

    /// The current round. Empty between rounds: the API then answers with the error "Current round
    /// not open for submissions", or with null. What the server does not tell is empty, the number
    /// then 0; where it does not tell of rounds at all, everything is.
    std::optional<Round> current_round();

    /// Names as dataset_url() takes them: "v5.3/live.parquet". Empty when the server does not tell.
    std::optional<std::vector<std::string>> list_datasets();

    /// A presigned URL for GET (a secret), valid for some minutes. Empty between rounds.
    std::optional<std::string> dataset_url(const std::string& file);

    /// The account's models in this tournament. Needs the scope read_user_info.
    std::vector<Model> models();

    /// The key's name and scopes. Needs no scope: a cheap probe of the key. Empty when the API does
    /// not know this question.
    std::optional<ApiTokenInfo> api_token_info();

    /// Needs the scope upload_submission. `filename` is a base name.
    UploadAuth upload_auth(const std::string& filename, const std::string& model_id);

    /// One try, which returns the submission's id, empty when the server tells none. A failure may
    /// be a lost reply: ask submissions() before trying again.
    Attempt<std::string> create_submission(const NewSubmission& submission);

    /// What was submitted to a model. Needs the scope read_submission_info.
    std::vector<Submission> submissions(const std::string& model_id);

    /// Where to put predictions for the validation eras. As upload_auth(), at any time: no round
    /// has to be open.
    UploadAuth diagnostics_upload_auth(const std::string& filename, const std::string& model_id);

    /// One try, which returns the id of the run of diagnostics over an uploaded file (its name as
    /// UploadAuth gave it), empty when the server tells none. A failure may be a lost reply: ask
    /// diagnostics_list() before trying again.
    Attempt<std::string> create_diagnostics(const std::string& filename,
                                            const std::string& model_id);

    /// A run with its numbers, as far as they are there. Empty when the API does not list it
    /// (yet).
    std::optional<Diagnostics> diagnostics(const std::string& id, const std::string& model_id);

    /// All runs of a model: id, filename, status and updated_at.
    std::vector<Diagnostics> diagnostics_list(const std::string& model_id);

    /// Asks for the shape of every operation in a way that executes none.
    std::vector<SchemaDrift> examine_schema();

  private:
    std::unique_ptr<ApiSession> session_;
};

}  // namespace erawise::transport
