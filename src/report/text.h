#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace erawise {

/// For text and attributes of HTML: & < > and both quotes are written as entities; control
/// characters, and bytes that are no UTF-8, as a question mark.
std::string html_escape(std::string_view text);

/// "1,653,463".
std::string grouped(std::uint64_t number);

/// "3 ms", "0.96 s", "47.2 s", "48 s", "2 min 5 s", "1 h 12 min".
std::string duration_text(double seconds);

/// Four significant digits: "0.5003", "1.25e-07".
std::string number_text(double number);

/// "1 era", "2 eras", "1,204 eras".
std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace erawise
