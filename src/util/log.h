#pragma once

#include <string_view>

namespace erawise::util {

enum class LogFormat {
    text,  ///< "2026-03-27T12:00:01.123Z INFO  round 812 is open"
    json   ///< one object per line: time, level, message
};

/// Sets up the default logger of spdlog: standard error, UTC, one line per event. The logger is the
/// only global of the project. `level`: trace, debug, info, warn, error, off.
void configure_log(LogFormat format, std::string_view level);

/// Whether `level` is one that configure_log() takes.
bool is_log_level(std::string_view level);

}  // namespace erawise::util
