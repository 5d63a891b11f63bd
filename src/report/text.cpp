#include "report/text.h"

#include <fmt/format.h>

#include <cmath>

#include "util/printable.h"

namespace erawise {

std::string html_escape(std::string_view text) {
    std::string escaped;
    for (const char c : util::printable(text, util::LineBreaks::keep)) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t end = text.size(); end > 3; end -= 3) {
        text.insert(end - 3, ",");
    }
    return text;
}

std::string duration_text(double seconds) {
    if (seconds < 0.1) {
        return fmt::format("{:.0f} ms", seconds * 1000);
    }
    if (seconds < 59.95) {
        if (seconds == std::floor(seconds)) {
            return fmt::format("{:.0f} s", seconds);
        }
        return fmt::format("{:.{}f} s", seconds, seconds < 10 ? 2 : 1);
    }
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    if (whole < 3600) {
        return fmt::format("{} min {} s", whole / 60, whole % 60);
    }
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string number_text(double number) {
    return fmt::format("{:.4g}", number);
}

std::string counted(std::uint64_t number, std::string_view noun) {
    return fmt::format("{} {}{}", grouped(number), noun, number == 1 ? "" : "s");
}

}  // namespace erawise
