#include "transport/numerai_api.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "transport/api_error.h"
#include "transport/numerai_operations.h"
#include "transport/timestamp.h"
#include "util/error.h"

namespace erawise::transport {
namespace {

using nlohmann::json;
using util::Error;
using util::ErrorKind;

constexpr int kTournament = 8;

/// Date headers have whole seconds, and answers take their time.
constexpr std::chrono::milliseconds kUnnoticedOffset = std::chrono::seconds(5);

/// A clock that is off by more is worth a warning.
constexpr std::chrono::milliseconds kWrongClock = std::chrono::seconds(60);

/// A field that is there and not null. Throws json::exception when `object` is no object.
const json* find_field(const json& object, const char* key) {
    const auto& fields = object.get_ref<const json::object_t&>();
    const auto found = fields.find(key);
    return found == fields.end() || found->second.is_null() ? nullptr : &found->second;
}

/// A field as text: "" when it is null or missing; ids may come as numbers.
std::string text_of(const json& object, const char* key) {
    const json* const field = find_field(object, key);
    if (field == nullptr) {
        return {};
    }
    return field->is_string() ? field->get<std::string>() : field->dump();
}

std::optional<int> number_of(const json& object, const char* key) {
    const json* const field = find_field(object, key);
    return field != nullptr && field->is_number_integer() ? std::optional(field->get<int>())
                                                          : std::nullopt;
}

json text_or_null(const std::string& text) {
    return text.empty() ? json() : json(text);
}

Round round_of(const json& answer) {
    Round round;
    round.number = answer.at("number").get<int>();
    round.open_time = parse_iso_time(text_of(answer, "openTime"));
    round.close_staking_time = parse_iso_time(text_of(answer, "closeStakingTime"));
    round.close_time = parse_iso_time(text_of(answer, "closeTime"));
    round.data_datestamp = number_of(answer, "dataDatestamp");
    return round;
}

Submission submission_of(const json& answer) {
    Submission submission{.id = text_of(answer, "id"),
                          .filename = text_of(answer, "filename"),
                          .inserted_at = text_of(answer, "insertedAt"),
                          .trigger_id = text_of(answer, "triggerId"),
                          .status = text_of(answer, "status"),
                          .round = std::nullopt};
    if (const json* const round = find_field(answer, "round")) {
        submission.round = number_of(*round, "number");
    }
    return submission;
}

/// An answer of another shape than the API documents is an error of ours or theirs that no retry
/// mends.
[[noreturn]] void refuse_form(const ApiOperation& operation, std::string_view why) {
    throw Error(ErrorKind::rejected,
                fmt::format("Numerai answered {} in a form that this version does not know ({});"
                            " a newer version may",
                            operation.root, printable(why)));
}

/// Runs `read` on an answer; see refuse_form().
template <typename Read>
auto shaped(const ApiOperation& operation, Read&& read) {
    try {
        return read();
    } catch (const json::exception& error) {
        refuse_form(operation, error.what());
    }
}

std::vector<Diagnostics> diagnostics_of(const ApiOperation& operation, const json& answer) {
    auto runs = parse_diagnostics(answer);
    if (!runs) {
        refuse_form(operation, "no list of runs");
    }
    return *std::move(runs);
}

/// What an operation answered.
struct Answer {
    enum class Kind {
        value,
        not_open,  ///< no round is
        unknown    ///< the schema has no such operation, or it has another form
    };
    Kind kind = Kind::value;
    json value{};
    std::string error{};  ///< of an unknown operation
};

}  // namespace

/// The calls' common part: key, naming, retries, and the meaning of errors.
class NumeraiApi::Session {
  public:
    Session(HttpClient& http, Retrier& retrier, NumeraiApiOptions options)
        : graphql_(http, options.url),
          retrier_(retrier),
          credentials_(std::move(options.credentials)),
          call_timeout_(options.call_timeout) {}

    [[nodiscard]] bool has_credentials() const { return credentials_.has_value(); }
    [[nodiscard]] std::chrono::milliseconds clock_offset() const { return clock_offset_; }
    [[nodiscard]] util::Clock::TimePoint server_now() const {
        return retrier_.now() + clock_offset_;
    }

    /// Repeated until there is an answer. Throws Error(rejected) when no round is open.
    json call(const ApiOperation& operation, const json& variables) {
        return open(operation, answer(operation, variables));
    }

    Answer answer(const ApiOperation& operation, const json& variables) {
        return retrier_.run(operation.root, [&] { return attempt(operation, variables); });
    }

    Attempt<Answer> attempt(const ApiOperation& operation, const json& variables) {
        auto reply = post(operation, variables, naming_);
        const Naming other =
            naming_ == Naming::camel_case ? Naming::snake_case : Naming::camel_case;
        if (reply && unknown_root(operation, *reply) &&
            operation.text(naming_) != operation.text(other)) {
            reply = post(operation, variables, other);
            if (reply && !unknown_root(operation, *reply)) {
                naming_ = other;
            }
        }
        if (!reply) {
            return std::unexpected(std::move(reply.error()));
        }
        return interpret(operation, *reply);
    }

    UploadAuth upload_auth(const ApiOperation& operation, const std::string& filename,
                           const std::string& model_id) {
        const json auth = call(operation, {{"filename", filename},
                                           {"tournament", kTournament},
                                           {"modelId", text_or_null(model_id)}});
        return shaped(operation, [&] {
            return UploadAuth{.filename = auth.at("filename").get<std::string>(),
                              .url = auth.at("url").get<std::string>()};
        });
    }

    /// One try of an operation that makes something; its id.
    Attempt<std::string> create(const ApiOperation& operation, const json& variables) {
        auto answer = attempt(operation, variables);
        if (!answer) {
            return std::unexpected(std::move(answer.error()));
        }
        const json created = open(operation, *std::move(answer));
        std::string id = created.is_null()
                             ? std::string()
                             : shaped(operation, [&] { return text_of(created, "id"); });
        if (id.empty()) {
            return std::unexpected(
                Failure{fmt::format("the answer to {} holds no id", operation.root)});
        }
        return id;
    }

    static json open(const ApiOperation& operation, Answer answer) {
        if (answer.kind == Answer::Kind::unknown) {
            throw Error(ErrorKind::rejected,
                        fmt::format("Numerai refused {}: {}", operation.root, answer.error));
        }
        if (answer.kind == Answer::Kind::not_open) {
            throw Error(ErrorKind::rejected,
                        fmt::format("{}: no round is open for submissions; wait for the next one",
                                    operation.root));
        }
        return std::move(answer.value);
    }

  private:
    Attempt<GraphQlReply> post(const ApiOperation& operation, const json& variables,
                               Naming naming) {
        GraphQlRequest request{
            .query = operation.text(naming),
            .variables = variables.dump(-1, ' ', false, json::error_handler_t::replace),
            .credentials = nullptr,
            .resend = operation.resend,
            .timeout = std::min(call_timeout_, retrier_.until_deadline().value_or(call_timeout_))};
        if (operation.needs_key == NeedsKey::yes) {
            if (!credentials_) {
                throw Error(ErrorKind::usage,
                            fmt::format("{} needs a key: set NUMERAI_PUBLIC_ID and "
                                        "NUMERAI_SECRET_KEY, or the same with _FILE",
                                        operation.root));
            }
            request.credentials = &*credentials_;
        }
        auto reply = graphql_.post(request, retrier_.now());
        if (reply && reply->server_time) {
            note_clock(*reply->server_time - retrier_.now());
        }
        return reply;
    }

    void note_clock(std::chrono::milliseconds offset) {
        const bool unnoticed = offset < kUnnoticedOffset && offset > -kUnnoticedOffset;
        clock_offset_ = unnoticed ? std::chrono::milliseconds(0) : offset;
        const bool wrong = offset > kWrongClock || offset < -kWrongClock;
        if (wrong && !std::exchange(clock_was_told_, true)) {
            spdlog::warn(
                "this machine's clock is {} {} Numerai's, which is used in its place; set "
                "it (NTP)",
                format_duration(offset > offset.zero() ? offset : -offset),
                offset > offset.zero() ? "behind" : "ahead of");
        }
    }

    static bool unknown_root(const ApiOperation& operation, const GraphQlReply& reply) {
        return std::ranges::any_of(reply.errors, [&](const std::string& message) {
            return classify_api_error(message) == ApiErrorKind::unknown_field &&
                   (message.contains(operation.root) ||
                    message.contains(snake_case(operation.root)));
        });
    }

    /// Errors count even where the reply also has data: part of an answer is none.
    static Attempt<Answer> interpret(const ApiOperation& operation, const GraphQlReply& reply) {
        if (reply.errors.empty()) {
            json data = json::parse(reply.data, nullptr, /*allow_exceptions=*/false);
            if (!data.is_object() || !data.contains("answer")) {
                return std::unexpected(Failure{"the answer holds no data"});
            }
            return Answer{.kind = Answer::Kind::value, .value = std::move(data["answer"])};
        }
        const std::string text = printable(fmt::format("{}", fmt::join(reply.errors, "; ")));
        switch (classify_api_error(text)) {
            case ApiErrorKind::not_open:
                return Answer{.kind = Answer::Kind::not_open};
            case ApiErrorKind::transient:
                return std::unexpected(Failure{"Numerai: " + text, reply.retry_after});
            case ApiErrorKind::key:
                throw Error(ErrorKind::rejected,
                            fmt::format("Numerai refused {}: {}; {}", operation.root, text,
                                        key_remedy(text)));
            case ApiErrorKind::unknown_field:
                return Answer{.kind = Answer::Kind::unknown, .value = {}, .error = text};
            case ApiErrorKind::refused:
                break;
        }
        if (reply.passing) {
            return std::unexpected(Failure{"Numerai: " + text, reply.retry_after});
        }
        throw Error(ErrorKind::rejected,
                    fmt::format("Numerai refused {}: {}", operation.root, text));
    }

    GraphQlClient graphql_;
    Retrier& retrier_;
    std::optional<Credentials> credentials_;
    Naming naming_ = Naming::camel_case;
    std::chrono::milliseconds call_timeout_;
    std::chrono::milliseconds clock_offset_{0};
    bool clock_was_told_ = false;
};

NumeraiApi::NumeraiApi(HttpClient& http, Retrier& retrier, NumeraiApiOptions options)
    : session_(std::make_unique<Session>(http, retrier, std::move(options))) {}

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
    const json rounds = Session::open(operation, std::move(answer));
    if (rounds.is_null() || rounds.empty()) {
        return std::nullopt;
    }
    return shaped(operation, [&] {
        const json& round = rounds.at(0);
        return round.is_null() ? std::nullopt : std::optional(round_of(round));
    });
}

std::vector<std::string> NumeraiApi::list_datasets() {
    const auto& operation = operations::kListDatasets;
    const json names = session_->call(operation, {{"round", nullptr}, {"tournament", kTournament}});
    return shaped(operation, [&] { return names.get<std::vector<std::string>>(); });
}

std::optional<std::string> NumeraiApi::dataset_url(const std::string& file) {
    const auto& operation = operations::kDataset;
    Answer answer = session_->answer(
        operation, {{"filename", file}, {"round", nullptr}, {"tournament", kTournament}});
    if (answer.kind == Answer::Kind::not_open) {
        return std::nullopt;
    }
    const json url = Session::open(operation, std::move(answer));
    if (url.is_null()) {
        return std::nullopt;
    }
    return shaped(operation, [&] { return std::optional(url.get<std::string>()); });
}

std::vector<Model> NumeraiApi::models() {
    const auto& operation = operations::kAccount;
    const json account = session_->call(operation, json::object());
    return shaped(operation, [&] {
        std::vector<Model> models;
        for (const json& model : account.at("models")) {
            if (number_of(model, "tournament") == kTournament) {
                models.push_back({text_of(model, "name"), text_of(model, "id")});
            }
        }
        return models;
    });
}

std::optional<ApiTokenInfo> NumeraiApi::api_token_info() {
    const Answer answer = session_->answer(operations::kApiTokenInfo, json::object());
    const json& info = answer.value;
    if (answer.kind != Answer::Kind::value || !info.is_object() || !info.contains("scopes")) {
        return std::nullopt;
    }
    return shaped(operations::kApiTokenInfo, [&] {
        return ApiTokenInfo{.account = text_of(info, "accountUsername"),
                            .name = text_of(info, "name"),
                            .public_id = text_of(info, "publicId"),
                            .scopes = info.at("scopes").get<std::vector<std::string>>()};
    });
}

UploadAuth NumeraiApi::upload_auth(const std::string& filename, const std::string& model_id) {
    return session_->upload_auth(operations::kSubmissionUploadAuth, filename, model_id);
}

Attempt<std::string> NumeraiApi::create_submission(const NewSubmission& submission) {
    const auto& operation = operations::kCreateSubmission;
    json variables = {{"filename", submission.filename},
                      {"tournament", kTournament},
                      {"modelId", text_or_null(submission.model_id)},
                      {"triggerId", text_or_null(submission.trigger_id)},
                      {"dataDatestamp", nullptr}};
    if (submission.data_datestamp) {
        variables["dataDatestamp"] = *submission.data_datestamp;
    }
    return session_->create(operation, variables);
}

std::vector<Submission> NumeraiApi::submissions(const std::string& model_id) {
    const auto& operation = operations::kSubmissions;
    const json list = session_->call(operation, {{"modelId", model_id}});
    return shaped(operation, [&] {
        std::vector<Submission> found;
        for (const json& item : list) {
            found.push_back(submission_of(item));
        }
        return found;
    });
}

UploadAuth NumeraiApi::diagnostics_upload_auth(const std::string& filename,
                                               const std::string& model_id) {
    return session_->upload_auth(operations::kDiagnosticsUploadAuth, filename, model_id);
}

Attempt<std::string> NumeraiApi::create_diagnostics(const std::string& filename,
                                                    const std::string& model_id) {
    return session_->create(
        operations::kCreateDiagnostics,
        {{"filename", filename}, {"tournament", kTournament}, {"modelId", text_or_null(model_id)}});
}

std::optional<Diagnostics> NumeraiApi::diagnostics(const std::string& id,
                                                   const std::string& model_id) {
    const auto& operation = operations::kDiagnostics;
    auto runs =
        diagnostics_of(operation, session_->call(operation, {{"id", id}, {"modelId", model_id}}));
    const auto found = std::ranges::find(runs, id, &Diagnostics::id);
    return found == runs.end() ? std::nullopt : std::optional(std::move(*found));
}

std::vector<Diagnostics> NumeraiApi::diagnostics_list(const std::string& model_id) {
    const auto& operation = operations::kDiagnosticsList;
    return diagnostics_of(operation, session_->call(operation, {{"modelId", model_id}}));
}

}  // namespace erawise::transport
