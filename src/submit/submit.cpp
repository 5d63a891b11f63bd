#include "submit/submit.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "submit/create_once.h"
#include "submit/model_name.h"
#include "submit/receipt.h"
#include "submit/remote_state.h"
#include "submit/submission_check.h"
#include "submit/upload.h"
#include "transport/timestamp.h"
#include "util/error.h"
#include "util/sha256.h"

namespace erawise::submit {
namespace {

using transport::NumeraiApi;
using transport::Retrier;
using transport::Submission;
using transport::UploadAuth;
using util::Error;
using util::ErrorKind;

/// What tells one submission from all others: its id, or the server's name of the file, or where
/// the list leaves names out, the trigger.
struct SubmissionKey {
    std::string filename;
    std::string trigger_id{};
    std::string id{};

    [[nodiscard]] bool matches(const Submission& submission) const {
        if (!id.empty() && submission.id == id) {
            return true;
        }
        return submission.filename.empty()
                   ? !trigger_id.empty() && submission.trigger_id == trigger_id
                   : submission.filename == filename;
    }
};

std::optional<Submission> find_submission(NumeraiApi& api, const std::string& model_id,
                                          const SubmissionKey& key) {
    const auto all = api.submissions(model_id);
    const auto found =
        std::ranges::find_if(all, [&](const Submission& each) { return key.matches(each); });
    return found == all.end() ? std::nullopt : std::optional(*found);
}

/// As find_submission(), but an answer that cannot be had (the key may lack the scope
/// read_submission_info) is only a warning.
std::optional<Submission> look_for(NumeraiApi& api, const std::string& model_id,
                                   const SubmissionKey& key, std::string_view purpose) {
    try {
        return find_submission(api, model_id, key);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) {
            throw;
        }
        spdlog::warn("cannot {}: {}", purpose, error.what());
        return std::nullopt;
    }
}

std::string create_submission_once(NumeraiApi& api, Retrier& retrier, const std::string& model_id,
                                   const SubmissionKey& key) {
    const transport::NewSubmission submission{
        .filename = key.filename, .model_id = model_id, .trigger_id = key.trigger_id};
    return create_once(retrier, {.what = "create the submission",
                                 .arrived = "the submission had arrived",
                                 .create = [&] { return api.create_submission(submission); },
                                 .find = [&]() -> std::optional<std::string> {
                                     const auto found =
                                         look_for(api, model_id, key,
                                                  "find out whether the submission has arrived");
                                     return found ? std::optional(found->id) : std::nullopt;
                                 }});
}

std::string name_of(const SubmissionResult& result) {
    return result.submission_id.empty() ? "the submission, whose id Numerai does not tell,"
                                        : fmt::format("submission {}", result.submission_id);
}

/// What Numerai lists about the submission.
void verify(NumeraiApi& api, const SubmissionKey& key, SubmissionResult& result) {
    result.status = "accepted";
    const auto listed = look_for(api, result.model_id, key, "verify the submission");
    if (!listed) {
        spdlog::warn("{} was accepted, but is not verified", name_of(result));
        return;
    }
    if (!listed->status.empty()) {
        result.status = listed->status;
    }
    if (listed->round && result.round != 0 && *listed->round != result.round) {
        spdlog::warn("{} was made for round {}, and Numerai lists it for round {}", name_of(result),
                     result.round, *listed->round);
    }
    result.round = listed->round.value_or(result.round);
}

/// The receipt of one model in one round.
class Receipts {
  public:
    Receipts(const SubmitOptions& options, const SubmissionResult& result, NumeraiApi& api)
        : api_(api), enabled_(!options.receipts.empty()) {
        receipt_ = {.round = result.round,
                    .model = result.model,
                    .model_id = result.model_id,
                    .sha256 = result.sha256,
                    .filename = {},
                    .submission_id = {},
                    .trigger_id = options.trigger_id,
                    .time = {}};
        if (enabled_) {
            path_ = receipt_path(options.receipts, result.round, result.model);
        }
    }

    /// What an earlier run did with the same content; empty when there was none.
    [[nodiscard]] std::optional<Receipt> earlier() const {
        auto found = enabled_ ? read_receipt(path_) : std::nullopt;
        // A new trigger waits for a submission of its own.
        const bool same_trigger =
            found && (receipt_.trigger_id.empty() || receipt_.trigger_id == found->trigger_id);
        const bool same = same_trigger && found->round == receipt_.round &&
                          found->model_id == receipt_.model_id && found->sha256 == receipt_.sha256;
        return same ? std::move(found) : std::nullopt;
    }

    void begin(const std::string& filename) {
        receipt_.filename = filename;
        write();
    }

    void accept(const std::string& filename, const std::string& submission_id) {
        receipt_.filename = filename;
        receipt_.submission_id = submission_id;
        receipt_.state = ReceiptState::accepted;
        write();
    }

    /// What was accepted came to nothing: the next run shall submit again.
    void forget() {
        try {
            if (enabled_) {
                remove_receipt(path_);
            }
        } catch (const Error& error) {
            spdlog::warn("a rerun would not submit again without --force: {}", error.what());
        }
    }

  private:
    void write() {
        if (!enabled_) {
            return;
        }
        receipt_.time = transport::format_iso_time(api_.server_now());
        try {
            write_receipt(path_, receipt_);
        } catch (const Error& error) {
            spdlog::warn("no receipt is kept, so that a rerun would submit again: {}",
                         error.what());
        }
    }

    NumeraiApi& api_;
    bool enabled_;
    std::filesystem::path path_;
    Receipt receipt_;
};

/// Whether an earlier run submitted this content; fills the result with what it did.
bool was_submitted(NumeraiApi& api, Receipts& receipts, const SubmitOptions& options,
                   SubmissionResult& result) {
    const auto earlier = receipts.earlier();
    if (!earlier || options.repeat == Repeat::force) {
        return false;
    }
    result.submission_id = earlier->submission_id;
    if (earlier->state == ReceiptState::accepted && earlier->submission_id.empty()) {
        const auto listed = look_for(api, result.model_id, {.filename = earlier->filename},
                                     "find out the id of the submission");
        result.submission_id = listed ? listed->id : "";
    }
    if (earlier->state == ReceiptState::begun) {
        const auto arrived =
            look_for(api, result.model_id, {.filename = earlier->filename},
                     "find out whether the submission of an interrupted run has arrived");
        if (!arrived) {
            return false;
        }
        spdlog::info("{}: an earlier run was interrupted, but its submission {} had arrived",
                     result.model, arrived->id);
        result.submission_id = arrived->id;
        receipts.accept(earlier->filename, arrived->id);
    }
    result.outcome = Outcome::unchanged;
    result.status = "unchanged";
    spdlog::info(
        "{}: this content is submitted to round {} already as {}; nothing is sent, but "
        "with --force",
        result.model, result.round, name_of(result));
    return true;
}

}  // namespace

std::string submission_filename(int round, const std::string& model, std::uint32_t unique) {
    return fmt::format("erawise-{}-{}-{:08x}.csv", round, plain_name(model), unique);
}

SubmissionResult submit_predictions(NumeraiApi& api, transport::HttpClient& http, Retrier& retrier,
                                    const transport::RandomFraction& random,
                                    const SubmitOptions& options) {
    check_compute_id(options.compute_id);
    const CheckedSubmission checked = check_submission(options.predictions, options.ids);

    SubmissionResult result;
    result.model = options.model_name.empty() ? options.model_id : options.model_name;
    result.sha256 = util::sha256_of_file(options.predictions);
    result.round = options.round;
    result.model_id =
        options.model_id.empty() ? model_id_of(api.models(), options.model_name) : options.model_id;
    Receipts receipts(options, result, api);
    if (was_submitted(api, receipts, options, result)) {
        return result;
    }

    const std::string filename =
        submission_filename(result.round, result.model, unique_number(random));
    const UploadAuth uploaded =
        upload_file(http, retrier,
                    {.file = options.predictions,
                     .filename = filename,
                     .compute_id = options.compute_id,
                     .authorise = [&] { return api.upload_auth(filename, result.model_id); }});
    spdlog::info("{}: {} rows uploaded as {}", result.model, checked.rows, uploaded.filename);

    receipts.begin(uploaded.filename);
    SubmissionKey key{.filename = uploaded.filename, .trigger_id = options.trigger_id};
    result.submission_id = create_submission_once(api, retrier, result.model_id, key);
    receipts.accept(uploaded.filename, result.submission_id);
    key.id = result.submission_id;
    verify(api, key, result);
    if (remote_state(result.status) == RemoteState::failed) {
        receipts.forget();
        throw Error(ErrorKind::rejected,
                    fmt::format("{}: Numerai took {} and lists it as '{}'; look at the "
                                "model's submissions on numer.ai, and run again",
                                result.model, name_of(result), result.status));
    }
    spdlog::info("{}: {} for round {} is {}", result.model, name_of(result), result.round,
                 result.status);
    return result;
}

}  // namespace erawise::submit
