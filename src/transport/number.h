#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace erawise::transport {

/// The whole text as a number; empty when anything else is in it, or when it does not fit.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [stop, error] = std::from_chars(begin, end, value);
    const bool whole = !text.empty() && stop == end && error == std::errc{};
    return whole ? std::optional(value) : std::nullopt;
}

}  // namespace erawise::transport
