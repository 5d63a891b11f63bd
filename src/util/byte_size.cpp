#include "util/byte_size.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace erawise::util {
namespace {

struct Unit {
    std::string_view suffix;
    double bytes;
};

constexpr std::array kUnits = {
    Unit{"", 1.0},
    Unit{"B", 1.0},
    Unit{"b", 1.0},
    Unit{"k", double(kKiB)},
    Unit{"K", double(kKiB)},
    Unit{"KiB", double(kKiB)},
    Unit{"kB", 1e3},
    Unit{"KB", 1e3},
    Unit{"m", double(kMiB)},
    Unit{"M", double(kMiB)},
    Unit{"MiB", double(kMiB)},
    Unit{"MB", 1e6},
    Unit{"g", double(kGiB)},
    Unit{"G", double(kGiB)},
    Unit{"GiB", double(kGiB)},
    Unit{"GB", 1e9},
};

}  // namespace

std::optional<std::uint64_t> parse_byte_size(std::string_view text) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || !(number >= 0)) {
        return std::nullopt;
    }
    std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    while (suffix.starts_with(' ')) {
        suffix.remove_prefix(1);
    }
    for (const Unit& unit : kUnits) {
        if (suffix == unit.suffix) {
            const double bytes = std::round(number * unit.bytes);
            return bytes < 9e18 ? std::optional(static_cast<std::uint64_t>(bytes)) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::string format_byte_size(std::uint64_t bytes) {
    if (bytes < kKiB) {
        return fmt::format("{} B", bytes);
    }
    double value = double(bytes) / double(kKiB);
    std::string_view unit = "KiB";
    for (const std::string_view larger : {"MiB", "GiB", "TiB"}) {
        if (value < 1023.95) {
            break;
        }
        value /= 1024;
        unit = larger;
    }
    return fmt::format("{:.1f} {}", value, unit);
}

}  // namespace erawise::util
