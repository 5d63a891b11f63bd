#pragma once

#include <string>
#include <string_view>

namespace erawise::util {

enum class LineBreaks { keep, replace };

/// Text from files and servers as it may be shown: valid UTF-8 without control characters. Each
/// byte that is neither becomes '?', so that no data can forge lines or steer a terminal.
std::string printable(std::string_view text, LineBreaks line_breaks);

}  // namespace erawise::util
