#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "transport/http.h"
#include "transport/retry.h"
#include "util/secret.h"

namespace erawise::transport {

/// The key pair of a Numerai account.
struct Credentials {
    util::Secret public_id;
    util::Secret secret_key;
};

/// A reply of a GraphQL server.
struct GraphQlReply {
    std::string data = "null";        ///< JSON text of "data"
    std::vector<std::string> errors;  ///< messages, whether the server sent a list or an object
    std::optional<std::chrono::milliseconds> retry_after = std::nullopt;  ///< as the server asks
};

struct GraphQlRequest {
    std::string query;
    std::string variables = "{}";  ///< JSON text
    const Credentials* credentials = nullptr;
    Resend resend = Resend::allowed;
};

/// GraphQL over HTTP POST: `{"query", "variables"}` out, `{"data", "errors"}` back. The body is
/// read whatever the HTTP status, since a server may send its errors with any.
class GraphQlClient {
  public:
    /// `http` must outlive it. `timeout` is for one whole call.
    GraphQlClient(HttpClient& http, std::string url, std::chrono::milliseconds timeout)
        : http_(http), url_(std::move(url)), timeout_(timeout) {}

    /// One call. A failure when another try may mend it: no connection, time-out, 429, 5xx, and an
    /// answer that is no JSON although the status is good (a maintenance page). Throws
    /// Error(rejected) for any other answer that is no GraphQL, Error(usage) when the URL may not
    /// be used.
    Attempt<GraphQlReply> post(const GraphQlRequest& request, util::Clock::TimePoint now);

  private:
    HttpClient& http_;
    std::string url_;
    std::chrono::milliseconds timeout_;
};

}  // namespace erawise::transport
