#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.h"

/// The texts of configuration values: parse_X() is empty when the text is no valid X, format_X()
/// gives a text that parse_X() takes. What a valid X is stands in the table of options.
namespace erawise {

/// As util::parse_duration(), at most 7 days.
std::optional<std::chrono::seconds> parse_wait(std::string_view text);
std::string format_wait(std::chrono::seconds wait);

/// Seconds with or without a fraction, from 0.1 to 86400.
std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text);
std::string format_seconds(std::chrono::milliseconds duration);

/// 0 to 1024.
std::optional<unsigned> parse_threads(std::string_view text);
std::string format_threads(unsigned threads);

/// "2/4", or "/4" with the index left to the environment; "0/1" is everything. The index is below
/// the count, which is at most 1000.
std::optional<Shard> parse_shard(std::string_view text);
std::string format_shard(const Shard& shard);

/// 0 to 1000000, or nothing.
std::optional<std::optional<unsigned>> parse_index(std::string_view text);
std::string format_index(std::optional<unsigned> index);

/// "auto" (the inner value is empty) or a size of at least 1 MiB.
std::optional<std::optional<std::uint64_t>> parse_memory_limit(std::string_view text);
std::string format_memory_limit(std::optional<std::uint64_t> bytes);

/// "missing" (the inner value is empty) or a finite number.
std::optional<std::optional<float>> parse_null_value(std::string_view text);
std::string format_null_value(std::optional<float> value);

/// What parse_transform() takes, for messages.
inline constexpr std::string_view kTransformExpected =
    "auto, none, or steps such as rank or gauss,neutralize:SET:0.5,rank";

/// "auto" (the inner value is empty), "none", or steps: "rank", "gauss,neutralize:SET:0.5,rank".
/// A proportion is above 0 and at most 1, and 1 where none is given.
std::optional<std::optional<output::Transforms>> parse_transform(std::string_view text);
std::string format_transform(const std::optional<output::Transforms>& transform);

/// One of the names of a choice. There are names for output::Blend, ScoreFormat,
/// infer::EngineChoice, Progress, acquire::Freshness, transport::Late, output::NonFinite,
/// util::LogFormat, and "true" and "false" for bool.
template <typename Choice>
std::optional<Choice> parse_choice(std::string_view text);
template <typename Choice>
std::string format_choice(Choice value);

std::optional<std::string> parse_log_level(std::string_view text);

/// As transport::url_refusal(): "https://HOST...", or "http://" with a loopback address; without
/// user name and white space.
std::optional<std::string> parse_api_url(std::string_view text);

/// One component of a data set's name: "v5.3".
std::optional<std::string> parse_data_version(std::string_view text);

/// Names relative to a folder which they cannot leave: "live.parquet", "v5.3/live.parquet".
std::optional<std::string> parse_data_file(std::string_view text);

/// Printable ASCII without spaces: fit for a header and for a query.
std::optional<std::string> parse_token(std::string_view text);

/// The same, or nothing.
std::optional<std::string> parse_token_or_empty(std::string_view text);

/// Fit for a CSV header without quotes.
std::optional<std::string> parse_column_name(std::string_view text);

/// Any text that is not empty.
std::optional<std::string> parse_name(std::string_view text);

std::string format_text(const std::string& text);

std::optional<std::filesystem::path> parse_path(std::string_view text);
std::optional<std::filesystem::path> parse_path_or_empty(std::string_view text);
std::string format_path(const std::filesystem::path& path);

}  // namespace erawise
