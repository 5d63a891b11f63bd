#include "transport/url.h"

#include <fmt/format.h>

#include <algorithm>

#include "util/lower_case.h"
#include "util/number.h"

namespace erawise::transport {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_visible(char c) {
    return c > ' ' && c < '\x7f';
}

bool is_host(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
        return std::ranges::all_of(host.substr(1, host.size() - 2), [](char c) {
            return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
        });
    }
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '_';
    });
}

std::uint16_t default_port(const Url& url) {
    return url.scheme == "https" ? 443 : 80;
}

/// Splits "host", "host:port" or "[::1]:port".
bool parse_authority(std::string_view authority, Url& url) {
    const auto bracket = authority.rfind(']');
    const auto colon = authority.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    url.host = util::lower_case(authority.substr(0, has_port ? colon : authority.size()));
    url.port = default_port(url);
    if (has_port) {
        url.port = util::parse_number<std::uint16_t>(authority.substr(colon + 1)).value_or(0);
    }
    return url.port != 0 && is_host(url.host);
}

}  // namespace

std::string Url::origin() const {
    return fmt::format("{}://{}:{}", scheme, host, port);
}

std::string Url::text() const {
    return fmt::format("{}://{}{}{}{}{}", scheme, host,
                       port == default_port(*this) ? "" : fmt::format(":{}", port), path,
                       query.empty() ? "" : "?", query);
}

std::optional<Url> parse_url(std::string_view text) {
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos || !std::ranges::all_of(text, is_visible) ||
        text.contains('\\')) {
        return std::nullopt;
    }
    Url url;
    url.scheme = util::lower_case(text.substr(0, scheme_end));
    std::string_view rest = text.substr(scheme_end + 3);
    rest = rest.substr(0, rest.find('#'));
    const auto authority_end = std::min(rest.find_first_of("/?"), rest.size());
    if ((url.scheme != "http" && url.scheme != "https") ||
        !parse_authority(rest.substr(0, authority_end), url)) {
        return std::nullopt;
    }
    rest.remove_prefix(authority_end);
    const auto question = std::min(rest.find('?'), rest.size());
    url.path = question == 0 ? "/" : rest.substr(0, question);
    url.query = question == rest.size() ? "" : rest.substr(question + 1);
    return url;
}

bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "[::1]") {
        return true;
    }
    unsigned parts = 0;
    for (std::string_view rest = host;; ++parts) {
        const auto dot = rest.find('.');
        const auto number = util::parse_number<std::uint8_t>(rest.substr(0, dot));
        if (!number || (parts == 0 && *number != 127)) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return parts == 3;
        }
        rest.remove_prefix(dot + 1);
    }
}

std::string url_refusal(std::string_view url) {
    const auto parsed = parse_url(url);
    if (!parsed) {
        return fmt::format("{} is not an http(s) URL", redacted_url(url));
    }
    if (parsed->scheme == "http" && !is_loopback(parsed->host)) {
        return fmt::format("{} is not encrypted: only https is used, except to this machine itself",
                           redacted_url(url));
    }
    return {};
}

std::string redacted_url(std::string_view url) {
    const auto end = std::min(url.find_first_of("?#"), url.size());
    std::string shown(url.substr(0, end));
    const auto scheme_end = shown.find("://");
    const auto authority = scheme_end == std::string::npos ? 0 : scheme_end + 3;
    const auto authority_end = std::min(shown.find('/', authority), shown.size());
    if (const auto at = shown.rfind('@', authority_end);
        at != std::string::npos && at >= authority) {
        shown.erase(authority, at + 1 - authority);
    }
    std::ranges::replace_if(shown, [](char c) { return !is_visible(c); }, '?');
    return end < url.size() ? shown + "?..." : shown;
}

}  // namespace erawise::transport
