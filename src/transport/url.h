#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace erawise::transport {

/// An absolute http or https URL, taken apart. Strict on purpose: no user information, no
/// backslash, no white space, so that no second parser can read another host in it (RFC 3986).
///
/// The configuration's check and the transfer both go by this, and libcurl gets text(), so that it
/// cannot read anything else. libcurl's own parser could do the same; but a URL may come from the
/// environment with every command, and to open libcurl takes 4.3 MiB and 10 ms (measured), which a
/// prediction under a small cap should not pay.
struct Url {
    std::string scheme;  ///< "http" or "https"
    std::string host;    ///< lower case; an IPv6 literal keeps its brackets
    std::uint16_t port = 0;
    std::string path;   ///< starts with "/", percent-encoding kept
    std::string query;  ///< behind the "?"; a presigned URL has its signature here

    /// "https://host:443": who may see an Authorization header.
    [[nodiscard]] std::string origin() const;

    /// The URL, put together again without its fragment: "https://host/path?query".
    [[nodiscard]] std::string text() const;
};

/// Empty when the text is no URL of this strict kind.
std::optional<Url> parse_url(std::string_view text);

/// Whether the host is "localhost", 127.0.0.0/8 in dotted form, or [::1]: names that cannot leave
/// this machine.
bool is_loopback(std::string_view host);

/// Why nothing may be sent to this URL: it is malformed, neither http nor https, or http beyond
/// loopback. Empty when it may. The text holds no query.
std::string url_refusal(std::string_view url);

/// The URL as logs and messages may show it: without query and user information, since a presigned
/// URL is a key. "https://host/path?..." tells that there was a query.
std::string redacted_url(std::string_view url);

}  // namespace erawise::transport
