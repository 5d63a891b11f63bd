#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// Durations in the two notations that there are: settings, which must be read back exactly, and
/// messages, where the two largest units are enough.
namespace erawise::util {

/// "90s", "15m", "2h", "1h30m", "1d": whole numbers, each unit at most once, from large to small.
/// Empty when the text is no such duration.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// A text that parse_duration() takes: "1h30m", "0s".
std::string format_duration(std::chrono::seconds duration);

/// "2 h 5 min", "3 min 20 s", "1.5 s": a duration for people.
std::string spoken_duration(std::chrono::milliseconds duration);

}  // namespace erawise::util
