#include "util/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "util/number.h"

namespace erawise::util {
namespace {

struct TimeUnit {
    char letter;
    std::int64_t seconds;
};
constexpr std::array kTimeUnits = {TimeUnit{'d', 86400}, TimeUnit{'h', 3600}, TimeUnit{'m', 60},
                                   TimeUnit{'s', 1}};

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    if (text.empty()) {
        return std::nullopt;
    }
    std::chrono::seconds sum{0};
    auto unit = kTimeUnits.begin();
    while (!text.empty()) {
        const auto number = take_number<std::uint32_t>(text);
        if (!number || text.empty()) {
            return std::nullopt;
        }
        unit = std::find_if(unit, kTimeUnits.end(),
                            [&](const TimeUnit& it) { return it.letter == text.front(); });
        if (unit == kTimeUnits.end()) {
            return std::nullopt;
        }
        sum += std::chrono::seconds(*number * unit->seconds);
        ++unit;
        text.remove_prefix(1);
    }
    return sum;
}

std::string format_duration(std::chrono::seconds duration) {
    std::string text;
    std::int64_t left = duration.count();
    for (const TimeUnit& unit : kTimeUnits) {
        if (left >= unit.seconds) {
            text += fmt::format("{}{}", left / unit.seconds, unit.letter);
            left %= unit.seconds;
        }
    }
    return text.empty() ? "0s" : text;
}

std::string spoken_duration(std::chrono::milliseconds duration) {
    const auto seconds = duration.count() / 1000;
    if (seconds < 60) {
        return fmt::format("{:.1f} s", static_cast<double>(duration.count()) / 1000);
    }
    if (seconds < 3600) {
        return fmt::format("{} min {} s", seconds / 60, seconds % 60);
    }
    return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

}  // namespace erawise::util
