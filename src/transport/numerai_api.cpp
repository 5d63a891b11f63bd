#include "transport/numerai_api.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "transport/answer_fields.h"
#include "transport/api_error.h"
#include "transport/api_session.h"
#include "transport/numerai_operations.h"
#include "transport/presigned_url.h"
#include "transport/timestamp.h"
#include "util/error.h"

namespace erawise::transport {
namespace {

using nlohmann::json;
using util::Error;
using util::ErrorKind;

constexpr int kTournament = 8;

json text_or_null(const std::string& text) {
    return text.empty() ? json() : json(text);
}

Round round_of(const json& answer) {
    Round round;
    round.number = integer_of(answer, "number").value_or(0);
    round.open_time = parse_iso_time(text_of(answer, "openTime"));
    round.close_staking_time = parse_iso_time(text_of(answer, "closeStakingTime"));
    round.close_time = parse_iso_time(text_of(answer, "closeTime"));
    round.data_datestamp = integer_of(answer, "dataDatestamp");
    return round;
}

/// Of rounds in any order the one that opened last; else the first.
std::optional<Round> last_opened(const std::vector<Round>& rounds, util::Clock::TimePoint now) {
    const auto when = [&](const Round& round) {
        const bool has_opened = round.open_time && *round.open_time <= now;
        return has_opened ? *round.open_time : util::Clock::TimePoint::min();
    };
    const auto found = std::ranges::max_element(rounds, {}, when);
    return found == rounds.end() ? std::nullopt : std::optional(*found);
}

Submission submission_of(const json& answer) {
    const json* const round = find_field(answer, "round");
    return {.id = text_of(answer, "id"),
            .filename = text_of(answer, "filename"),
            .inserted_at = text_of(answer, "insertedAt"),
            .trigger_id = text_of(answer, "triggerId"),
            .status = text_of(answer, "status"),
            .round = round != nullptr ? integer_of(*round, "number") : std::nullopt};
}

/// An answer of another shape than the API documents is an error of ours or theirs that no retry
/// mends.
[[noreturn]] void refuse_form(const ApiOperation& operation, std::string_view why) {
    throw Error(ErrorKind::rejected,
                fmt::format("Numerai answered {} in a form that this version does not know: {}; {}",
                            operation.root, printable(why), operation.remedy));
}

/// A list of objects; null is an empty one, and its nulls are left out.
json::array_t list_of(const ApiOperation& operation, json answer) {
    if (answer.is_null()) {
        return {};
    }
    if (!answer.is_array()) {
        refuse_form(operation, "no list");
    }
    auto list = answer.get<json::array_t>();
    std::erase_if(list, [](const json& item) { return item.is_null(); });
    if (!std::ranges::all_of(list, [](const json& item) { return item.is_object(); })) {
        refuse_form(operation, "a list of something else");
    }
    return list;
}

/// Empty when it is no list of texts: half of one would mislead.
std::optional<std::vector<std::string>> names_of(const json* list) {
    const bool is_list =
        list != nullptr && list->is_array() &&
        std::ranges::all_of(*list, [](const json& item) { return item.is_string(); });
    return is_list ? std::optional(list->get<std::vector<std::string>>()) : std::nullopt;
}

std::string required_text(const ApiOperation& operation, const json& answer,
                          std::string_view field) {
    std::string text = text_of(answer, field);
    if (text.empty()) {
        refuse_form(operation, fmt::format("it has no {}", field));
    }
    return text;
}

std::vector<Diagnostics> diagnostics_of(const ApiOperation& operation, const json& answer) {
    auto runs = parse_diagnostics(answer);
    if (!runs) {
        refuse_form(operation, "no list of runs");
    }
    return *std::move(runs);
}

UploadAuth upload_auth_by(ApiSession& session, const ApiOperation& operation,
                          const std::string& filename, const std::string& model_id) {
    const json auth = session.call(
        operation,
        {{"filename", filename}, {"tournament", kTournament}, {"modelId", text_or_null(model_id)}});
    UploadAuth found{.filename = text_of(auth, "filename"),
                     .url = required_text(operation, auth, "url")};
    if (found.filename.empty()) {
        const std::string key = object_key_of(found.url);
        found.filename = key.substr(key.rfind('/') + 1);
        spdlog::warn(
            "Numerai does not tell its name of the file: '{}' of the upload's address is "
            "taken for it",
            printable(found.filename));
    }
    return found;
}

/// One try of an operation that makes something; its id, empty when the answer tells none.
Attempt<std::string> create_by(ApiSession& session, const ApiOperation& operation,
                               const json& values) {
    auto answer = session.attempt(operation, values);
    if (!answer) {
        return std::unexpected(std::move(answer.error()));
    }
    const json created = ApiSession::open(operation, *std::move(answer));
    if (created.is_null()) {
        return std::unexpected(
            Failure{fmt::format("the answer to {} holds no id", operation.root)});
    }
    return created.is_string() ? created.get<std::string>() : text_of(created, "id");
}

/// What a run would send; of no model and no file that there are.
json harmless_values() {
    constexpr const char* no_model = "00000000-0000-0000-0000-000000000000";
    return {{"filename", "erawise-asks-for-the-shape-only.csv"},
            {"tournament", kTournament},
            {"modelId", no_model},
            {"id", no_model}};
}

}  // namespace

NumeraiApi::NumeraiApi(HttpClient& http, Retrier& retrier, NumeraiApiOptions options)
    : session_(std::make_unique<ApiSession>(http, retrier, std::move(options))) {}

NumeraiApi::~NumeraiApi() = default;

bool NumeraiApi::has_credentials() const {
    return session_->has_credentials();
}

std::chrono::milliseconds NumeraiApi::clock_offset() const {
    return session_->clock_offset();
}

util::Clock::TimePoint NumeraiApi::server_now() const {
    return session_->server_now();
}

std::optional<Round> NumeraiApi::current_round() {
    const auto& operation = operations::kRounds;
    Answer answer = session_->answer(operation, {{"tournament", kTournament}});
    if (answer.kind == Answer::Kind::not_open) {
        return std::nullopt;
    }
    if (answer.kind == Answer::Kind::unknown) {
        session_->warn_once(
            fmt::format("Numerai does not tell of rounds any more ({}): whether "
                        "one is open shows when its data is asked for",
                        answer.error));
        return Round{};
    }
    if (answer.value.is_object()) {
        return round_of(answer.value);
    }
    std::vector<Round> rounds;
    for (const json& item : list_of(operation, std::move(answer.value))) {
        rounds.push_back(round_of(item));
    }
    const auto round = last_opened(rounds, server_now());
    if (round && round->number == 0) {
        session_->warn_once("Numerai does not tell the round's number: 0 stands for it");
    }
    return round;
}

std::optional<std::vector<std::string>> NumeraiApi::list_datasets() {
    const Answer answer =
        session_->answer(operations::kListDatasets, {{"tournament", kTournament}});
    return names_of(&answer.value);
}

std::optional<std::string> NumeraiApi::dataset_url(const std::string& file) {
    const auto& operation = operations::kDataset;
    Answer answer = session_->answer(operation, {{"filename", file}, {"tournament", kTournament}});
    if (answer.kind == Answer::Kind::not_open) {
        return std::nullopt;
    }
    const json url = ApiSession::open(operation, std::move(answer));
    if (url.is_null()) {
        return std::nullopt;
    }
    if (!url.is_string()) {
        refuse_form(operation, "no text");
    }
    return url.get<std::string>();
}

std::vector<Model> NumeraiApi::models() {
    const auto& operation = operations::kAccount;
    const json account = session_->call(operation, json::object());
    const json* const list = find_field(account, "models");
    if (list == nullptr) {
        refuse_form(operation, "it has no models");
    }
    std::vector<Model> models;
    for (const json& model : list_of(operation, *list)) {
        // Where it is not told, a model of another tournament may be among them.
        if (integer_of(model, "tournament").value_or(kTournament) == kTournament) {
            models.push_back({text_of(model, "name"), text_of(model, "id")});
        }
    }
    return models;
}

std::optional<ApiTokenInfo> NumeraiApi::api_token_info() {
    const Answer answer = session_->answer(operations::kApiTokenInfo, json::object());
    const auto scopes = names_of(find_field(answer.value, "scopes"));
    if (!scopes) {
        return std::nullopt;
    }
    return ApiTokenInfo{.account = text_of(answer.value, "accountUsername"),
                        .name = text_of(answer.value, "name"),
                        .public_id = text_of(answer.value, "publicId"),
                        .scopes = *scopes};
}

UploadAuth NumeraiApi::upload_auth(const std::string& filename, const std::string& model_id) {
    return upload_auth_by(*session_, operations::kSubmissionUploadAuth, filename, model_id);
}

Attempt<std::string> NumeraiApi::create_submission(const NewSubmission& submission) {
    const auto& operation = operations::kCreateSubmission;
    json variables = {{"filename", submission.filename},
                      {"tournament", kTournament},
                      {"modelId", text_or_null(submission.model_id)},
                      {"triggerId", text_or_null(submission.trigger_id)}};
    if (submission.data_datestamp) {
        variables["dataDatestamp"] = *submission.data_datestamp;
    }
    return create_by(*session_, operation, variables);
}

std::vector<Submission> NumeraiApi::submissions(const std::string& model_id) {
    const auto& operation = operations::kSubmissions;
    std::vector<Submission> found;
    for (const json& item :
         list_of(operation, session_->call(operation, {{"modelId", model_id}}))) {
        found.push_back(submission_of(item));
    }
    return found;
}

UploadAuth NumeraiApi::diagnostics_upload_auth(const std::string& filename,
                                               const std::string& model_id) {
    return upload_auth_by(*session_, operations::kDiagnosticsUploadAuth, filename, model_id);
}

Attempt<std::string> NumeraiApi::create_diagnostics(const std::string& filename,
                                                    const std::string& model_id) {
    return create_by(
        *session_, operations::kCreateDiagnostics,
        {{"filename", filename}, {"tournament", kTournament}, {"modelId", text_or_null(model_id)}});
}

std::optional<Diagnostics> NumeraiApi::diagnostics(const std::string& id,
                                                   const std::string& model_id) {
    const auto& operation = operations::kDiagnostics;
    auto runs =
        diagnostics_of(operation, session_->call(operation, {{"id", id}, {"modelId", model_id}}));
    // A run that is alone in the answer to its id needs none.
    if (runs.size() == 1 && runs.front().id.empty() && session_->asks_with(operation, "id")) {
        runs.front().id = id;
    }
    const auto found = std::ranges::find(runs, id, &Diagnostics::id);
    return found == runs.end() ? std::nullopt : std::optional(std::move(*found));
}

std::vector<Diagnostics> NumeraiApi::diagnostics_list(const std::string& model_id) {
    const auto& operation = operations::kDiagnosticsList;
    return diagnostics_of(operation, session_->call(operation, {{"modelId", model_id}}));
}

std::vector<SchemaDrift> NumeraiApi::examine_schema() {
    std::vector<SchemaDrift> found;
    for (const ApiOperation* const operation : operations::kAll) {
        found.push_back(session_->examine(*operation, harmless_values()));
    }
    return found;
}

}  // namespace erawise::transport
