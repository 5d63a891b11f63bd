#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace erawise::util {

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;
inline constexpr std::uint64_t kGiB = 1024 * kMiB;

/// Reads "64MiB", "64M", "64m" (all of them 64 x 2^20), "64MB" (64 x 10^6), "1.5GiB", "4096".
/// Docker's suffixes mean powers of two, as they do here. Empty when the text is no size.
std::optional<std::uint64_t> parse_byte_size(std::string_view text);

/// "41.3 MiB", "512 B": three significant digits at most, powers of two.
std::string format_byte_size(std::uint64_t bytes);

}  // namespace erawise::util
