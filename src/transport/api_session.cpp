#include "transport/api_session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "transport/api_error.h"
#include "transport/schema_complaint.h"
#include "util/duration.h"
#include "util/error.h"

namespace erawise::transport {
namespace {

using nlohmann::json;
using util::Error;
using util::ErrorKind;

/// Date headers have whole seconds, and answers take their time.
constexpr std::chrono::milliseconds kUnnoticedOffset = std::chrono::seconds(5);

/// A clock that is off by more is worth a warning.
constexpr std::chrono::milliseconds kWrongClock = std::chrono::seconds(60);

/// A server that names one unknown part at a time, and each of the largest operation's, needs
/// fewer.
constexpr int kMostForms = 100;

/// The path below the root field.
std::span<const std::string> below_root(const GraphQlError& error) {
    return std::span(error.path).subspan(std::min<std::size_t>(error.path.size(), 1));
}

/// A server may quote what it was sent.
std::string without(const util::Secret& secret, std::string text) {
    const std::string& hidden = secret.reveal();
    for (auto at = text.find(hidden); !hidden.empty() && at != std::string::npos;
         at = text.find(hidden, at)) {
        text.replace(at, hidden.size(), "...");
    }
    return text;
}

bool holds_data(const GraphQlReply& reply) {
    return !reply.data.empty();
}

/// What a reply says about the operation's form. Of an operation that was executed it is nothing:
/// then the server's words are about something else.
Adaptation adapt(OperationForm& form, const GraphQlReply& reply, const json& values) {
    Adaptation done;
    for (const GraphQlError& error : reply.errors) {
        const auto complaint = error.path.empty() && !holds_data(reply)
                                   ? parse_complaint(error.message)
                                   : std::nullopt;
        if (complaint && done.missing.empty()) {
            form.adapt(*complaint, values, done);
        }
    }
    return done;
}

[[noreturn]] void refuse_missing(const ApiOperation& operation, const std::string& missing,
                                 const std::string& why) {
    throw Error(ErrorKind::rejected,
                fmt::format("Numerai refused {}: {}; it cannot be asked without {}: {}",
                            operation.root, why, missing, operation.remedy));
}

}  // namespace

ApiSession::ApiSession(HttpClient& http, Retrier& retrier, NumeraiApiOptions options)
    : graphql_(http, options.url),
      retrier_(retrier),
      credentials_(std::move(options.credentials)),
      call_timeout_(options.call_timeout) {}

Answer ApiSession::answer(const ApiOperation& operation, const json& values) {
    return retrier_.run(operation.root, [&] { return attempt(operation, values); });
}

json ApiSession::call(const ApiOperation& operation, const json& values) {
    return open(operation, answer(operation, values));
}

Attempt<Answer> ApiSession::attempt(const ApiOperation& operation, const json& values) {
    if (operation.needs_key == NeedsKey::yes && !credentials_) {
        throw Error(ErrorKind::usage, fmt::format("{} needs a key: set NUMERAI_PUBLIC_ID and "
                                                  "NUMERAI_SECRET_KEY, or the same with _FILE",
                                                  operation.root));
    }
    OperationForm& form = form_of(operation);
    for (int tries = 0; tries < kMostForms; ++tries) {
        auto reply = post(operation, form.text(values), form.variables(values));
        if (!reply) {
            return std::unexpected(std::move(reply.error()));
        }
        const Adaptation done = adapt(form, *reply, values);
        if (done.missing == operation.root) {
            forms_.erase(&operation);
            return Answer{Answer::Kind::unknown, {}, text_of(reply->errors)};
        }
        if (!done.missing.empty()) {
            refuse_missing(operation, done.missing, text_of(reply->errors));
        }
        if (!done.changed) {
            naming_ = form.naming();
            return interpret(operation, form, *std::move(reply));
        }
        tell_left_out(done.left_out);
    }
    throw Error(ErrorKind::rejected,
                fmt::format("Numerai refused {} in {} forms; look for a newer version of erawise",
                            operation.root, kMostForms));
}

json ApiSession::open(const ApiOperation& operation, Answer answer) {
    if (answer.kind == Answer::Kind::unknown) {
        refuse_missing(operation, std::string(operation.root), answer.error);
    }
    if (answer.kind == Answer::Kind::not_open) {
        throw Error(ErrorKind::rejected,
                    fmt::format("{}: no round is open for submissions; wait for the next one",
                                operation.root));
    }
    return std::move(answer.value);
}

std::string ApiSession::text_of(const std::vector<GraphQlError>& errors) const {
    std::vector<std::string> messages;
    for (const GraphQlError& error : errors) {
        const auto path = below_root(error);
        messages.push_back(
            fmt::format("{}{}{}", fmt::join(path, "."), path.empty() ? "" : ": ", error.message));
    }
    std::string text = fmt::format("{}", fmt::join(messages, "; "));
    if (credentials_) {
        text = without(credentials_->secret_key, without(credentials_->public_id, std::move(text)));
    }
    return printable(text);
}

bool ApiSession::asks_with(const ApiOperation& operation, std::string_view argument) {
    return form_of(operation).asks_with(argument);
}

OperationForm& ApiSession::form_of(const ApiOperation& operation) {
    return forms_.try_emplace(&operation, operation, naming_).first->second;
}

SchemaDrift ApiSession::examine(const ApiOperation& operation, const json& values) {
    return retrier_.run(operation.root, [&] { return examine_once(operation, values); });
}

Attempt<SchemaDrift> ApiSession::examine_once(const ApiOperation& operation, const json& values) {
    SchemaDrift drift{.operation = std::string(operation.root),
                      .needed_by = operation.needed_by,
                      .remedy = std::string(operation.remedy)};
    OperationForm form(operation, naming_);
    for (int tries = 0; tries < kMostForms; ++tries) {
        auto reply = post(operation, form.probe(values), form.variables(values));
        if (!reply) {
            return std::unexpected(std::move(reply.error()));
        }
        const std::size_t of_the_probe = std::erase_if(
            reply->errors, [](const auto& error) { return error.message.contains(kShapeProbe); });
        const Adaptation done = adapt(form, *reply, values);
        std::ranges::copy(done.left_out, std::back_inserter(drift.left_out));
        if (!done.missing.empty() || !done.changed) {
            drift.is_known = of_the_probe > 0;
            drift.missing = done.missing;
            drift.refusal = text_of(reply->errors);
            return drift;
        }
    }
    return drift;
}

Attempt<GraphQlReply> ApiSession::post(const ApiOperation& operation, std::string query,
                                       json variables) {
    const bool shows_key = operation.needs_key == NeedsKey::yes && credentials_;
    const GraphQlRequest request{
        .query = std::move(query),
        .variables = std::move(variables),
        .credentials = shows_key ? &*credentials_ : nullptr,
        .resend = operation.resend,
        .timeout = std::min(call_timeout_, retrier_.until_deadline().value_or(call_timeout_))};
    auto reply = graphql_.post(request, retrier_.now());
    if (reply && reply->server_time) {
        note_clock(*reply->server_time - retrier_.now());
    }
    return reply;
}

/// Errors count even where the reply also has data: part of an answer is none. But fields without
/// which the answer is of use are taken as empty.
Attempt<Answer> ApiSession::interpret(const ApiOperation& operation, const OperationForm& form,
                                      GraphQlReply reply) {
    json& data = reply.data;
    const std::string key(kAnswerAlias);
    const bool has_answer = data.is_object() && data.contains(key) && !data[key].is_null();
    std::vector<GraphQlError> grave;
    for (const GraphQlError& error : reply.errors) {
        const auto path = below_root(error);
        if (!has_answer || form.need_of(path) == Need::essential) {
            grave.push_back(error);
        } else {
            warn_once(fmt::format("Numerai's answer has no {}.{}: going on without it ({})",
                                  operation.root, fmt::join(path, "."), text_of({error})));
        }
    }
    if (!grave.empty()) {
        return refuse(operation, reply, text_of(grave));
    }
    if (!data.is_object() || !data.contains(key)) {
        return std::unexpected(Failure{"the answer holds no data"});
    }
    return Answer{.kind = Answer::Kind::value, .value = std::move(data[key])};
}

Attempt<Answer> ApiSession::refuse(const ApiOperation& operation, const GraphQlReply& reply,
                                   const std::string& text) {
    const ApiErrorKind kind = classify_api_error(text);
    if (kind == ApiErrorKind::not_open) {
        return Answer{.kind = Answer::Kind::not_open};
    }
    if (kind == ApiErrorKind::transient || (kind == ApiErrorKind::refused && reply.passing)) {
        return std::unexpected(Failure{"Numerai: " + text, reply.retry_after});
    }
    const std::string remedy = kind == ApiErrorKind::key ? "; " + key_remedy(text) : "";
    throw Error(ErrorKind::rejected,
                fmt::format("Numerai refused {}: {}{}", operation.root, text, remedy));
}

void ApiSession::tell_left_out(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        spdlog::warn(
            "Numerai does not know {} any more: going on without it; look for a newer "
            "version of erawise",
            name);
    }
}

void ApiSession::warn_once(const std::string& text) {
    if (told_.insert(text).second) {
        spdlog::warn("{}", text);
    }
}

void ApiSession::note_clock(std::chrono::milliseconds offset) {
    const bool unnoticed = offset < kUnnoticedOffset && offset > -kUnnoticedOffset;
    clock_offset_ = unnoticed ? std::chrono::milliseconds(0) : offset;
    const bool wrong = offset > kWrongClock || offset < -kWrongClock;
    if (wrong && !std::exchange(clock_was_told_, true)) {
        spdlog::warn(
            "this machine's clock is {} {} Numerai's, which is used in its place; set "
            "it (NTP)",
            util::spoken_duration(offset > offset.zero() ? offset : -offset),
            offset > offset.zero() ? "behind" : "ahead of");
    }
}

}  // namespace erawise::transport
