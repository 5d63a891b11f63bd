#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/http_body.h"
#include "util/secret.h"

namespace erawise::transport {

/// The largest answer that is kept in memory. The longest one is the list of a model's submissions:
/// about 210 bytes each, one a day, so 512 KiB holds seven years of them. As a JSON document it
/// takes about five times as much for a moment.
inline constexpr std::size_t kMaximumBodyBytes = std::size_t{512} << 10;

enum class HttpMethod { get, post, put };

struct HttpHeader {
    std::string name;
    std::string value;
};

/// Whether the client may send a request again by itself when a kept-alive connection turns out to
/// be dead. Forbidden where the server may have acted on it: such a request gets a connection of
/// its own.
enum class Resend { allowed, forbidden };

/// One request, as plain values. `source` and `sink` are borrowed for the call.
struct HttpRequest {
    HttpMethod method = HttpMethod::get;
    std::string url;
    std::vector<HttpHeader> headers;

    /// Value of the Authorization header. It goes to the origin of `url` and nowhere else, also
    /// when that origin redirects.
    std::optional<util::Secret> authorization;

    std::string body;              ///< sent when there is no source
    BodySource* source = nullptr;  ///< streamed, with Content-Length

    BodySink* sink = nullptr;  ///< takes the body of a 2xx answer in place of HttpResponse::body
    std::size_t maximum_body_bytes = kMaximumBodyBytes;

    /// For the whole exchange. A transfer from a source or to a sink also ends when it stalls
    /// (low-speed limit).
    std::optional<std::chrono::milliseconds> total_timeout;
    Resend resend = Resend::allowed;
};

enum class HttpOutcome {
    success,    ///< 2xx, received whole
    permanent,  ///< sending it again would give the same
    retry       ///< worth another try: no connection, cut, time-out, 408, 425, 429, 5xx
};

struct HttpResponse {
    HttpOutcome outcome = HttpOutcome::permanent;
    int status = 0;  ///< 0 when no answer arrived
    std::vector<HttpHeader> headers;
    std::string body;
    std::uint64_t body_bytes = 0;  ///< received, in `body` or by the sink
    bool abandoned = false;        ///< the sink did not want the body
    std::string error;             ///< what went wrong; empty on success. Holds no secret.

    /// The value of a header, whatever the case of its name; empty when it is not there. Kept are
    /// Content-Length, Content-Range, Content-Type, Date, ETag, Last-Modified, Location,
    /// Retry-After.
    [[nodiscard]] std::string_view header(std::string_view name) const;

    /// Content-Length as a number.
    [[nodiscard]] std::optional<std::uint64_t> content_length() const;
};

/// Names of headers are equal whatever their case.
bool same_header_name(std::string_view a, std::string_view b);

/// What a status means for a retry.
HttpOutcome outcome_of_status(int status);

/// Sends requests. One thread at a time.
class HttpClient {
  public:
    virtual ~HttpClient() = default;

    /// Sends and waits for the answer. Failures of the network or the server come back as values.
    /// Throws Error(cancelled) when a stop signal arrives, and whatever source or sink throw.
    virtual HttpResponse send(const HttpRequest& request) = 0;
};

}  // namespace erawise::transport
