#include "config/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "util/byte_size.h"

namespace erawise {
namespace {

constexpr std::chrono::seconds kLongestWait = std::chrono::days(7);
constexpr unsigned kMostThreads = 1024;
constexpr unsigned kMostShards = 1000;
constexpr unsigned kLargestIndex = 1'000'000;

template <typename Value, std::size_t Count>
using Choices = std::array<std::pair<std::string_view, Value>, Count>;

constexpr Choices<output::Blend, 2> kBlends = {
    {{"rank", output::Blend::rank}, {"gauss", output::Blend::gauss}}};
constexpr Choices<ScoreFormat, 3> kScoreFormats = {
    {{"table", ScoreFormat::table}, {"csv", ScoreFormat::csv}, {"json", ScoreFormat::json}}};
constexpr Choices<Engine, 3> kEngines = {
    {{"auto", Engine::automatic}, {"bitsliced", Engine::bitsliced}, {"xgboost", Engine::xgboost}}};
constexpr Choices<Progress, 3> kProgress = {
    {{"auto", Progress::automatic}, {"always", Progress::always}, {"never", Progress::never}}};
constexpr Choices<Freshness, 2> kFreshness = {
    {{"strict", Freshness::strict}, {"warn", Freshness::warn}}};
constexpr Choices<Late, 2> kLate = {{{"refuse", Late::refuse}, {"allow", Late::allow}}};
constexpr Choices<NonFinite, 2> kNonFinite = {
    {{"error", NonFinite::error}, {"keep", NonFinite::keep}}};
constexpr Choices<util::LogFormat, 2> kLogFormats = {
    {{"text", util::LogFormat::text}, {"json", util::LogFormat::json}}};
constexpr Choices<bool, 2> kSwitches = {{{"true", true}, {"false", false}}};

template <typename Value, std::size_t Count>
std::optional<Value> find_choice(const Choices<Value, Count>& choices, std::string_view text) {
    const auto found = std::ranges::find(choices, text, [](const auto& it) { return it.first; });
    return found != choices.end() ? std::optional(found->second) : std::nullopt;
}

template <typename Value, std::size_t Count>
std::string name_choice(const Choices<Value, Count>& choices, Value value) {
    const auto found = std::ranges::find(choices, value, [](const auto& it) { return it.second; });
    return found != choices.end() ? std::string(found->first) : std::string();
}

/// Takes a number from the front of `text`.
template <typename Number>
std::optional<Number> take_number(std::string_view& text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

struct TimeUnit {
    char letter;
    std::int64_t seconds;
};
constexpr std::array kTimeUnits = {TimeUnit{'d', 86400}, TimeUnit{'h', 3600}, TimeUnit{'m', 60},
                                   TimeUnit{'s', 1}};

bool is_name_character(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '.' || character == '_' ||
           character == '-';
}

/// Dotted digits that begin with 127, "localhost" or "[::1]".
bool is_loopback(std::string_view host) {
    const bool numeric =
        std::ranges::all_of(host, [](char it) { return it == '.' || (it >= '0' && it <= '9'); });
    return (numeric && host.starts_with("127.") && std::ranges::count(host, '.') == 3) ||
           host == "localhost" || host == "[::1]";
}

/// The host of "HOST", "HOST:PORT/...", "[::1]:PORT".
std::string_view host_of(std::string_view authority_and_path) {
    const std::string_view authority =
        authority_and_path.substr(0, authority_and_path.find_first_of("/?#"));
    if (authority.starts_with('[')) {
        return authority.substr(0, authority.find(']') + 1);
    }
    return authority.substr(0, authority.find(':'));
}

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
    return sum <= kLongestWait ? std::optional(sum) : std::nullopt;
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

std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text) {
    const auto seconds = take_number<double>(text);
    const bool allowed = seconds && text.empty() && *seconds >= 0.1 && *seconds <= 86400;
    return allowed ? std::optional(std::chrono::milliseconds(std::llround(*seconds * 1000)))
                   : std::nullopt;
}

std::string format_seconds(std::chrono::milliseconds duration) {
    return fmt::format("{}", double(duration.count()) / 1000);
}

std::optional<unsigned> parse_threads(std::string_view text) {
    const auto threads = take_number<unsigned>(text);
    return threads && text.empty() && *threads <= kMostThreads ? threads : std::nullopt;
}

std::string format_threads(unsigned threads) {
    return fmt::format("{}", threads);
}

std::optional<Shard> parse_shard(std::string_view text) {
    Shard shard;
    shard.index = text.starts_with('/') ? std::nullopt : take_number<unsigned>(text);
    if (!text.starts_with('/')) {
        return std::nullopt;
    }
    text.remove_prefix(1);
    const auto count = take_number<unsigned>(text);
    if (!count || !text.empty() || *count == 0 || *count > kMostShards ||
        shard.index.value_or(0) >= *count) {
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
    const auto index = take_number<unsigned>(text);
    if (!index || !text.empty() || *index > kLargestIndex) {
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
        std::string_view number = text.substr(colon + 1);
        const auto proportion = take_number<double>(number);
        if (!proportion || !number.empty() || !(*proportion > 0 && *proportion <= 1)) {
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

std::optional<output::Blend> parse_blend(std::string_view text) {
    return find_choice(kBlends, text);
}

std::string format_blend(output::Blend blend) {
    return name_choice(kBlends, blend);
}

std::optional<ScoreFormat> parse_score_format(std::string_view text) {
    return find_choice(kScoreFormats, text);
}

std::string format_score_format(ScoreFormat format) {
    return name_choice(kScoreFormats, format);
}

std::optional<Engine> parse_engine(std::string_view text) {
    return find_choice(kEngines, text);
}
std::string format_engine(Engine engine) {
    return name_choice(kEngines, engine);
}

std::optional<Progress> parse_progress(std::string_view text) {
    return find_choice(kProgress, text);
}
std::string format_progress(Progress progress) {
    return name_choice(kProgress, progress);
}

std::optional<Freshness> parse_freshness(std::string_view text) {
    return find_choice(kFreshness, text);
}
std::string format_freshness(Freshness freshness) {
    return name_choice(kFreshness, freshness);
}

std::optional<Late> parse_late(std::string_view text) {
    return find_choice(kLate, text);
}
std::string format_late(Late late) {
    return name_choice(kLate, late);
}

std::optional<NonFinite> parse_non_finite(std::string_view text) {
    return find_choice(kNonFinite, text);
}
std::string format_non_finite(NonFinite choice) {
    return name_choice(kNonFinite, choice);
}

std::optional<util::LogFormat> parse_log_format(std::string_view text) {
    return find_choice(kLogFormats, text);
}
std::string format_log_format(util::LogFormat format) {
    return name_choice(kLogFormats, format);
}

std::optional<std::string> parse_log_level(std::string_view text) {
    return util::is_log_level(text) ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<std::string> parse_api_url(std::string_view text) {
    const bool clean = std::ranges::all_of(
        text, [](char it) { return it > 0x20 && it < 0x7f && it != '@' && it != '\\'; });
    const auto scheme_end = text.find("://");
    if (!clean || scheme_end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view scheme = text.substr(0, scheme_end);
    const std::string_view host = host_of(text.substr(scheme_end + 3));
    const bool allowed =
        (scheme == "https" && !host.empty()) || (scheme == "http" && is_loopback(host));
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
    float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
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

std::optional<bool> parse_switch(std::string_view text) {
    return find_choice(kSwitches, text);
}
std::string format_switch(bool value) {
    return name_choice(kSwitches, value);
}

}  // namespace erawise
