#include "decode/csv/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <system_error>

#include "util/lower_case.h"

namespace erawise::decode {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// pandas/_libs/parsers.pyx, STR_NA_VALUES.
constexpr auto kMissing = std::to_array<std::string_view>(
    {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
     "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"});

constexpr bool is_space(char letter) noexcept {
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

std::string_view without_spaces(std::string_view field) noexcept {
    while (!field.empty() && is_space(field.front())) {
        field.remove_prefix(1);
    }
    while (!field.empty() && is_space(field.back())) {
        field.remove_suffix(1);
    }
    return field;
}

bool equals_in_any_case(std::string_view field, std::string_view lower) noexcept {
    return std::ranges::equal(field, lower,
                              [](char a, char b) { return util::lower_case(a) == b; });
}

/// A number that float64 cannot hold: from_chars() leaves open on which side of its range.
double out_of_range(std::string_view digits) {
    return std::strtod(std::string(digits).c_str(), nullptr);
}

/// NaN: no decimal number.
double parse_decimal(std::string_view field) {
    std::string_view digits = without_spaces(field);
    if (digits.starts_with('+')) {
        digits.remove_prefix(1);
        if (digits.starts_with('-')) {
            return kNan;
        }
    }
    double value = 0;
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value);
    if (parsed.ptr != end || parsed.ec == std::errc::invalid_argument) {
        return kNan;
    }
    return parsed.ec == std::errc{} ? value : out_of_range(digits);
}

}  // namespace

bool is_missing(std::string_view field) noexcept {
    constexpr std::size_t kLongest = std::string_view("-1.#QNAN").size();
    return field.size() <= kLongest && std::ranges::contains(kMissing, field);
}

CsvValue read_value(std::string_view field) {
    using enum CsvValue::Kind;
    const double value = field.empty() ? kNan : parse_decimal(field);
    if (!std::isnan(value)) {
        return {std::isinf(value) ? infinite : number, value};
    }
    if (is_missing(field)) {
        return {missing, kNan};
    }
    if (equals_in_any_case(field, "true")) {
        return {boolean, 1};
    }
    if (equals_in_any_case(field, "false")) {
        return {boolean, 0};
    }
    return {text, kNan};
}

std::optional<double> CsvNumbers::read(std::string_view field) {
    const CsvValue value = read_value(field);
    const bool is_number = value.kind == CsvValue::Kind::number;
    const bool is_boolean = value.kind == CsvValue::Kind::boolean;
    if ((is_number && has_booleans_) || (is_boolean && has_numbers_) ||
        value.kind == CsvValue::Kind::infinite || value.kind == CsvValue::Kind::text) {
        return std::nullopt;
    }
    has_numbers_ = has_numbers_ || is_number;
    has_booleans_ = has_booleans_ || is_boolean;
    return value.number;
}

std::optional<float> CsvNumbers::read_float(std::string_view field, era::Piece piece) {
    const std::optional<double> value = read(field);
    const float rounded = value ? era::piece_of(*value, piece) : 0.0F;
    return value && !std::isinf(rounded) ? std::optional(rounded) : std::nullopt;
}

std::string_view CsvNumbers::refusal(std::string_view field) {
    const CsvValue value = read_value(field);
    switch (value.kind) {
        case CsvValue::Kind::infinite:
            return "which is infinite: XGBoost takes no such value; write a number in its place, "
                   "or leave the field empty (missing)";
        case CsvValue::Kind::boolean:
            return "in a column that also holds numbers: True and False are read where nothing "
                   "else is in a column";
        case CsvValue::Kind::number:
            return std::isinf(static_cast<float>(value.number))
                       ? "which is too large for float32, so that XGBoost takes it for infinite; "
                         "write a smaller number, or leave the field empty (missing)"
                       : "in a column that also holds True or False: they are read where nothing "
                         "else is in a column";
        case CsvValue::Kind::missing:
        case CsvValue::Kind::text:
            break;
    }
    return "which is not a number; a missing value is an empty field or NaN";
}

}  // namespace erawise::decode
