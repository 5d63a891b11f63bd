#include "config/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>

#include "util/error.h"

namespace erawise {
namespace {

constexpr std::size_t kQuotedLength = 80;

/// Levenshtein's distance.
std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size());  // distances to the prefixes that are not empty
    std::ranges::iota(row, std::size_t{1});
    std::size_t distance = right.size();
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = i;
        distance = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t substituted = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j];
            distance = std::min({substituted, distance + 1, diagonal + 1});
            row[j] = distance;
        }
    }
    return distance;
}

std::string_view last_component(std::string_view key) {
    return key.substr(key.rfind('.') + 1);
}

std::string without_user_info(std::string_view text) {
    const auto scheme = text.find("://");
    const auto at = text.rfind('@');
    if (scheme == std::string_view::npos || at == std::string_view::npos || at < scheme) {
        return std::string(text);
    }
    return fmt::format("{}://***{}", text.substr(0, scheme), text.substr(at));
}

}  // namespace

void ConfigProblems::add(std::string_view where, std::string_view what) {
    problems_.push_back(fmt::format("{}: {}", where, what));
}

void ConfigProblems::add_value(std::string_view where, std::string_view name,
                               std::string_view quoted_value, std::string_view expected) {
    add(where, fmt::format("{} = {}: expected {}", name, quoted_value, expected));
}

void ConfigProblems::add_unknown(std::string_view where, std::string_view kind,
                                 std::string_view name,
                                 const std::vector<std::string_view>& known) {
    if (looks_secret(name)) {
        add(where, fmt::format("{}: keys are taken from the environment only: NUMERAI_PUBLIC_ID "
                               "and NUMERAI_SECRET_KEY, or the same with _FILE; remove it here",
                               name));
        return;
    }
    const std::string_view suggestion = nearest(name, known);
    add(where, fmt::format("{}: unknown {}{}", name, kind,
                           suggestion.empty() ? std::string()
                                              : fmt::format("; did you mean {}?", suggestion)));
}

void ConfigProblems::throw_if_any() const {
    if (problems_.empty()) {
        return;
    }
    std::string message = fmt::format(
        "{} problem{} in the configuration, nothing was touched "
        "(docs/CONFIGURATION.md lists every setting):",
        problems_.size(), problems_.size() == 1 ? "" : "s");
    for (const std::string& problem : problems_) {
        message += "\n  " + problem;
    }
    throw util::Error(util::ErrorKind::usage, std::move(message));
}

bool looks_secret(std::string_view name) {
    std::string plain;
    for (const char character : name) {
        if (std::isalnum(static_cast<unsigned char>(character)) != 0) {
            plain += static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
        }
    }
    constexpr std::array<std::string_view, 7> kMarks = {
        "secret", "publicid", "apikey", "token", "password", "credential", "privatekey"};
    return std::ranges::any_of(
        kMarks, [&](std::string_view mark) { return plain.find(mark) != std::string::npos; });
}

std::string quoted_value(std::string_view text) {
    std::string shown = without_user_info(text);
    if (shown.size() > kQuotedLength) {
        shown.resize(kQuotedLength);
        shown += "...";
    }
    std::string quoted = "\"";
    for (const char character : shown) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x20 || byte == 0x7f) {
            quoted += fmt::format("\\x{:02x}", byte);
        } else {
            quoted += character;
        }
    }
    return quoted + "\"";
}

std::string_view nearest(std::string_view text, const std::vector<std::string_view>& candidates) {
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, text.size() / 4) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t distance =
            last_component(candidate) == text ? 0 : edit_distance(text, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace erawise
