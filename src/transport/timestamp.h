#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "util/clock.h"

namespace erawise::transport {

/// "2026-03-27T00:00:00Z", with or without a fraction of a second (dropped beyond milliseconds);
/// UTC ("Z") or an offset ("+01:00"). ISO 8601 as Numerai's API writes it. Empty when it is none.
std::optional<util::Clock::TimePoint> parse_iso_time(std::string_view text);

/// "Wed, 21 Oct 2015 07:28:00 GMT": the date form of RFC 9110, section 5.6.7, that senders must
/// use. Empty when it is none.
std::optional<util::Clock::TimePoint> parse_http_date(std::string_view text);

/// "2026-03-27T00:00:00Z".
std::string format_iso_time(util::Clock::TimePoint time);

}  // namespace erawise::transport
