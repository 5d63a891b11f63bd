#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "transport/credentials.h"
#include "transport/http.h"
#include "transport/retry.h"

namespace erawise::transport {

struct GraphQlError {
    std::string message;

    /// The fields that lead to where it happened, places in lists left out. Empty when it is about
    /// the whole operation: then nothing was executed.
    std::vector<std::string> path{};
};

/// A reply of a GraphQL server.
struct GraphQlReply {
    nlohmann::json data{};             ///< null where there is none
    std::vector<GraphQlError> errors;  ///< whether the server sent a list or an object

    /// The error is one of a server that is not well: no list of GraphQL errors, and an HTTP status
    /// that another try may mend.
    bool passing = false;
    std::optional<std::chrono::milliseconds> retry_after = std::nullopt;  ///< as the server asks
    std::optional<util::Clock::TimePoint> server_time = std::nullopt;     ///< its Date header
};

struct GraphQlRequest {
    std::string query;
    nlohmann::json variables = nlohmann::json::object();
    const Credentials* credentials = nullptr;
    Resend resend = Resend::allowed;
    std::chrono::milliseconds timeout = std::chrono::seconds(60);  ///< for the whole call
};

/// GraphQL over HTTP POST: `{"query", "variables"}` out, `{"data", "errors"}` back. The body is
/// read whatever the HTTP status, since a server may send its errors with any.
class GraphQlClient {
  public:
    /// `http` must outlive it.
    GraphQlClient(HttpClient& http, std::string url) : http_(http), url_(std::move(url)) {}

    /// One call. A failure when another try may mend it: no connection, time-out, 429, 5xx, and an
    /// answer that is no JSON although the status is good (a maintenance page). Throws
    /// Error(rejected) for any other answer that is no GraphQL, Error(usage) when the URL may not
    /// be used.
    Attempt<GraphQlReply> post(const GraphQlRequest& request, util::Clock::TimePoint now);

  private:
    HttpClient& http_;
    std::string url_;
};

}  // namespace erawise::transport
