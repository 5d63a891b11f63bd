#include "transport/graphql.h"

#include <fmt/format.h>

#include <utility>

#include "transport/api_error.h"
#include "transport/timestamp.h"
#include "transport/url.h"
#include "util/error.h"

namespace erawise::transport {
namespace {

using nlohmann::json;
using util::Error;
using util::ErrorKind;

std::string message_of(const json& error) {
    if (error.is_string()) {
        return error.get<std::string>();
    }
    if (error.is_object()) {
        for (const char* const key : {"message", "detail"}) {
            if (const auto found = error.find(key); found != error.end() && found->is_string()) {
                return found->get<std::string>();
            }
        }
    }
    return error.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<std::string> path_of(const json& error) {
    std::vector<std::string> path;
    const auto found = error.is_object() ? error.find("path") : error.end();
    if (found != error.end() && found->is_array()) {
        for (const json& step : *found) {
            if (step.is_string()) {
                path.push_back(step.get<std::string>());
            }
        }
    }
    return path;
}

/// `{"errors": [{"message": ...}, ...]}`, and also `{"errors": {"detail": ...}}`.
std::vector<GraphQlError> errors_of(const json& errors) {
    std::vector<GraphQlError> list;
    if (errors.is_array()) {
        for (const json& error : errors) {
            list.push_back({message_of(error), path_of(error)});
        }
    } else if (!errors.is_null()) {
        list.push_back({message_of(errors)});
    }
    return list;
}

/// Empty when the text is no GraphQL reply.
std::optional<GraphQlReply> parse_reply(const std::string& body) {
    json document = json::parse(body, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object() || (!document.contains("data") && !document.contains("errors"))) {
        return std::nullopt;
    }
    GraphQlReply reply;
    if (const auto data = document.find("data"); data != document.end()) {
        reply.data = std::move(*data);
    }
    if (const auto errors = document.find("errors"); errors != document.end()) {
        reply.errors = errors_of(*errors);
        reply.passing = !errors->is_array();
    }
    return reply;
}

std::string_view remedy_for(const HttpResponse& response) {
    if (response.status == 401 || response.status == 403) {
        return "; check NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY";
    }
    if (outcome_of_status(response.status) == HttpOutcome::success) {
        return "; a newer version may take such an answer";
    }
    return "; check the API's address and the connection";
}

HttpRequest http_request(const GraphQlRequest& request, const std::string& url) {
    HttpRequest http;
    http.method = HttpMethod::post;
    http.url = url;
    http.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    http.body = json{{"query", request.query}, {"variables", request.variables}}.dump(
        -1, ' ', false, json::error_handler_t::replace);
    http.resend = request.resend;
    if (request.credentials != nullptr) {
        http.authorization = util::Secret("Token " + request.credentials->public_id.reveal() + "$" +
                                          request.credentials->secret_key.reveal());
    }
    return http;
}

}  // namespace

Attempt<GraphQlReply> GraphQlClient::post(const GraphQlRequest& request,
                                          util::Clock::TimePoint now) {
    if (const std::string why = url_refusal(url_); !why.empty()) {
        throw Error(ErrorKind::usage, "the API's address: " + why);
    }
    HttpRequest http = http_request(request, url_);
    http.total_timeout = request.timeout;
    const HttpResponse response = http_.send(http);
    const bool busy = response.status == 429 || response.status == 408;
    if (response.status != 0 && !busy && (response.error.empty() || !response.body.empty())) {
        if (auto reply = parse_reply(response.body)) {
            reply->passing = reply->passing && response.outcome == HttpOutcome::retry;
            reply->retry_after = parse_retry_after(response.header("Retry-After"), now);
            reply->server_time = parse_http_date(response.header("Date"));
            return *std::move(reply);
        }
    }
    if (response.outcome == HttpOutcome::retry) {
        return std::unexpected(failure_of(response, now));
    }
    if (response.outcome == HttpOutcome::success) {
        return std::unexpected(
            Failure{fmt::format("HTTP {} with an answer that is no GraphQL (content type '{}')",
                                response.status, printable(response.header("Content-Type")))});
    }
    throw Error(response.status == 0 ? ErrorKind::network : ErrorKind::rejected,
                fmt::format("{}: {}{}", redacted_url(url_), response.error, remedy_for(response)));
}

}  // namespace erawise::transport
