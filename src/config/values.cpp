#include "config/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "transport/url.h"
#include "util/byte_size.h"
#include "util/duration.h"
#include "util/number.h"

namespace erawise {
namespace {

constexpr std::chrono::seconds kLongestWait = std::chrono::days(7);
constexpr unsigned kMostThreads = 1024;
constexpr unsigned kMostShards = 1000;
constexpr unsigned kLargestIndex = 1'000'000;

template <typename Choice>
struct Named {
    std::string_view name;
    Choice value;
};

/// The names of a choice, the default first.
template <typename Choice>
constexpr std::array<Named<Choice>, 0> kNames{};
template <>
constexpr auto kNames<bool> = std::to_array<Named<bool>>({{"true", true}, {"false", false}});
template <>
constexpr auto kNames<output::Blend> = std::to_array<Named<output::Blend>>(
    {{"rank", output::Blend::rank}, {"gauss", output::Blend::gauss}});
template <>
constexpr auto kNames<output::NonFinite> = std::to_array<Named<output::NonFinite>>(
    {{"error", output::NonFinite::refused}, {"keep", output::NonFinite::written}});
template <>
constexpr auto kNames<infer::EngineChoice> =
    std::to_array<Named<infer::EngineChoice>>({{"auto", infer::EngineChoice::automatic},
                                               {"bitsliced", infer::EngineChoice::bitsliced},
                                               {"xgboost", infer::EngineChoice::xgboost}});
template <>
constexpr auto kNames<acquire::Freshness> = std::to_array<Named<acquire::Freshness>>(
    {{"strict", acquire::Freshness::strict}, {"warn", acquire::Freshness::warn}});
template <>
constexpr auto kNames<transport::Late> = std::to_array<Named<transport::Late>>(
    {{"refuse", transport::Late::refuse}, {"allow", transport::Late::allow}});
template <>
constexpr auto kNames<Progress> = std::to_array<Named<Progress>>(
    {{"auto", Progress::automatic}, {"always", Progress::always}, {"never", Progress::never}});
template <>
constexpr auto kNames<ScoreFormat> = std::to_array<Named<ScoreFormat>>(
    {{"table", ScoreFormat::table}, {"csv", ScoreFormat::csv}, {"json", ScoreFormat::json}});
template <>
constexpr auto kNames<util::LogFormat> = std::to_array<Named<util::LogFormat>>(
    {{"text", util::LogFormat::text}, {"json", util::LogFormat::json}});

bool is_name_character(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '.' || character == '_' ||
           character == '-';
}

}  // namespace

std::optional<std::chrono::seconds> parse_wait(std::string_view text) {
    const auto wait = util::parse_duration(text);
    return wait && *wait <= kLongestWait ? wait : std::nullopt;
}

std::string format_wait(std::chrono::seconds wait) {
    return util::format_duration(wait);
}

std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text) {
    const auto seconds = util::parse_number<double>(text);
    const bool allowed = seconds && *seconds >= 0.1 && *seconds <= 86400;
    return allowed ? std::optional(std::chrono::milliseconds(std::llround(*seconds * 1000)))
                   : std::nullopt;
}

std::string format_seconds(std::chrono::milliseconds duration) {
    return fmt::format("{}", double(duration.count()) / 1000);
}

std::optional<unsigned> parse_threads(std::string_view text) {
    const auto threads = util::parse_number<unsigned>(text);
    return threads && *threads <= kMostThreads ? threads : std::nullopt;
}

std::string format_threads(unsigned threads) {
    return fmt::format("{}", threads);
}

std::optional<Shard> parse_shard(std::string_view text) {
    Shard shard;
    shard.index = text.starts_with('/') ? std::nullopt : util::take_number<unsigned>(text);
    if (!text.starts_with('/')) {
        return std::nullopt;
    }
    text.remove_prefix(1);
    const auto count = util::parse_number<unsigned>(text);
    if (!count || *count == 0 || *count > kMostShards || shard.index.value_or(0) >= *count) {
        return std::nullopt;
    }
    shard.count = *count;
    return shard;
}

std::string format_shard(const Shard& shard) {
    const bool is_default = shard.count == 1 && !shard.index;
    return is_default ? "0/1" : fmt::format("{}/{}", format_index(shard.index), shard.count);
}

std::optional<std::optional<unsigned>> parse_index(std::string_view text) {
    if (text.empty()) {
        return std::optional<unsigned>();
    }
    const auto index = util::parse_number<unsigned>(text);
    if (!index || *index > kLargestIndex) {
        return std::nullopt;
    }
    return index;
}

std::string format_index(std::optional<unsigned> index) {
    return index ? fmt::format("{}", *index) : std::string();
}

std::optional<std::optional<std::uint64_t>> parse_memory_limit(std::string_view text) {
    if (text == "auto") {
        return std::optional<std::uint64_t>();
    }
    const auto bytes = util::parse_byte_size(text);
    if (!bytes || *bytes < util::kMiB) {
        return std::nullopt;
    }
    return bytes;
}

std::string format_memory_limit(std::optional<std::uint64_t> bytes) {
    if (!bytes) {
        return "auto";
    }
    return *bytes % util::kMiB == 0 ? fmt::format("{}MiB", *bytes / util::kMiB)
                                    : fmt::format("{}", *bytes);
}

namespace {

constexpr std::string_view kNeutralize = "neutralize:";

/// "SET" or "SET:PROPORTION".
std::optional<output::TransformStep> parse_neutralization(std::string_view text) {
    output::TransformStep step{.kind = output::TransformStep::Kind::neutralize};
    const auto colon = text.find(':');
    step.feature_set = text.substr(0, colon);
    if (colon != std::string_view::npos) {
        const auto proportion = util::parse_number<double>(text.substr(colon + 1));
        if (!proportion || !(*proportion > 0 && *proportion <= 1)) {
            return std::nullopt;
        }
        step.proportion = *proportion;
    }
    const bool is_name = std::ranges::all_of(step.feature_set, is_name_character);
    return is_name && !step.feature_set.empty() ? std::optional(step) : std::nullopt;
}

std::optional<output::TransformStep> parse_step(std::string_view text) {
    if (text == "rank") {
        return output::TransformStep{.kind = output::TransformStep::Kind::rank};
    }
    if (text == "gauss") {
        return output::TransformStep{.kind = output::TransformStep::Kind::gauss};
    }
    return text.starts_with(kNeutralize) ? parse_neutralization(text.substr(kNeutralize.size()))
                                         : std::nullopt;
}

std::string format_step(const output::TransformStep& step) {
    switch (step.kind) {
        case output::TransformStep::Kind::rank:
            return "rank";
        case output::TransformStep::Kind::gauss:
            return "gauss";
        case output::TransformStep::Kind::neutralize:
            return step.proportion == 1
                       ? fmt::format("{}{}", kNeutralize, step.feature_set)
                       : fmt::format("{}{}:{}", kNeutralize, step.feature_set, step.proportion);
    }
    return {};
}

}  // namespace

std::optional<std::optional<output::Transforms>> parse_transform(std::string_view text) {
    if (text == "auto") {
        return std::optional<output::Transforms>();
    }
    output::Transforms steps;
    for (bool is_last = text == "none"; !is_last;) {
        const auto comma = text.find(',');
        const auto step = parse_step(text.substr(0, comma));
        if (!step) {
            return std::nullopt;
        }
        steps.push_back(*step);
        is_last = comma == std::string_view::npos;
        text.remove_prefix(is_last ? text.size() : comma + 1);
    }
    return std::optional(steps);
}

std::string format_transform(const std::optional<output::Transforms>& transform) {
    if (!transform) {
        return "auto";
    }
    std::string text;
    for (const output::TransformStep& step : *transform) {
        text += fmt::format("{}{}", text.empty() ? "" : ",", format_step(step));
    }
    return text.empty() ? "none" : text;
}

template <typename Choice>
std::optional<Choice> parse_choice(std::string_view text) {
    const auto* const found = std::ranges::find(kNames<Choice>, text, &Named<Choice>::name);
    return found != kNames<Choice>.end() ? std::optional(found->value) : std::nullopt;
}

template <typename Choice>
std::string format_choice(Choice value) {
    const auto* const found = std::ranges::find(kNames<Choice>, value, &Named<Choice>::value);
    return found != kNames<Choice>.end() ? std::string(found->name) : std::string();
}

// One pair for each choice that the table has.
#define ERAWISE_CHOICE(Choice)                                             \
    template std::optional<Choice> parse_choice<Choice>(std::string_view); \
    template std::string format_choice<Choice>(Choice)
ERAWISE_CHOICE(bool);
ERAWISE_CHOICE(output::Blend);
ERAWISE_CHOICE(output::NonFinite);
ERAWISE_CHOICE(infer::EngineChoice);
ERAWISE_CHOICE(acquire::Freshness);
ERAWISE_CHOICE(transport::Late);
ERAWISE_CHOICE(Progress);
ERAWISE_CHOICE(ScoreFormat);
ERAWISE_CHOICE(util::LogFormat);
#undef ERAWISE_CHOICE

std::optional<std::string> parse_log_level(std::string_view text) {
    return util::is_log_level(text) ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<std::string> parse_api_url(std::string_view text) {
    const bool allowed = transport::url_refusal(text).empty();
    return allowed ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<std::string> parse_data_version(std::string_view text) {
    const bool allowed = !text.empty() && !text.starts_with('.') && !text.starts_with('-') &&
                         std::ranges::all_of(text, is_name_character);
    return allowed ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<std::string> parse_data_file(std::string_view text) {
    std::string_view rest = text;
    while (true) {
        const auto slash = rest.find('/');
        if (!parse_data_version(rest.substr(0, slash))) {
            return std::nullopt;
        }
        if (slash == std::string_view::npos) {
            return std::string(text);
        }
        rest.remove_prefix(slash + 1);
    }
}

std::optional<std::string> parse_token(std::string_view text) {
    const bool allowed =
        !text.empty() && std::ranges::all_of(text, [](char it) { return it > 0x20 && it < 0x7f; });
    return allowed ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<std::string> parse_token_or_empty(std::string_view text) {
    return text.empty() ? std::optional<std::string>("") : parse_token(text);
}

std::optional<std::optional<float>> parse_null_value(std::string_view text) {
    if (text == "missing") {
        return std::optional<float>();
    }
    const auto value = util::parse_number<float>(text);
    if (!value || !std::isfinite(*value)) {
        return std::nullopt;
    }
    return value;
}

std::string format_null_value(std::optional<float> value) {
    return value ? fmt::format("{}", *value) : "missing";
}

std::optional<std::string> parse_column_name(std::string_view text) {
    const bool allowed = !text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos;
    return allowed ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<std::string> parse_name(std::string_view text) {
    return !text.empty() ? std::optional<std::string>(text) : std::nullopt;
}

std::string format_text(const std::string& text) {
    return text;
}

std::optional<std::filesystem::path> parse_path(std::string_view text) {
    return !text.empty() ? parse_path_or_empty(text) : std::nullopt;
}

std::optional<std::filesystem::path> parse_path_or_empty(std::string_view text) {
    const bool allowed = text.find('\0') == std::string_view::npos;
    return allowed ? std::optional<std::filesystem::path>(text) : std::nullopt;
}

std::string format_path(const std::filesystem::path& path) {
    return path.string();
}

}  // namespace erawise
