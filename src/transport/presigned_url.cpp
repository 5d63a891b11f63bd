#include "transport/presigned_url.h"

#include <fmt/format.h>

#include "transport/timestamp.h"
#include "transport/url.h"
#include "util/number.h"

namespace erawise::transport {
namespace {

/// The value of a parameter; empty when it is not there.
std::string_view parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto end = query.find('&');
        const std::string_view entry = query.substr(0, end);
        if (entry.starts_with(name) && entry.substr(name.size()).starts_with('=')) {
            return entry.substr(name.size() + 1);
        }
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    }
    return {};
}

/// "20260327T120000Z".
std::optional<util::Clock::TimePoint> parse_basic_time(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T') {
        return std::nullopt;
    }
    return parse_iso_time(fmt::format("{}-{}-{}T{}:{}:{}", text.substr(0, 4), text.substr(4, 2),
                                      text.substr(6, 2), text.substr(9, 2), text.substr(11, 2),
                                      text.substr(13)));
}

}  // namespace

std::optional<util::Clock::TimePoint> presigned_expiry(std::string_view url) {
    const auto parsed = parse_url(url);
    if (!parsed) {
        return std::nullopt;
    }
    const auto signed_at = parse_basic_time(parameter(parsed->query, "X-Amz-Date"));
    const auto seconds = util::parse_number<int>(parameter(parsed->query, "X-Amz-Expires"));
    if (!signed_at || !seconds) {
        return std::nullopt;
    }
    return *signed_at + std::chrono::seconds(*seconds);
}

std::string object_key_of(std::string_view url) {
    const auto parsed = parse_url(url);
    return parsed ? parsed->path.substr(1) : std::string();
}

}  // namespace erawise::transport
