#include "decode/csv_dictionary.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace erawise::decode {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// Missing values are one level; 0.0 and -0.0 are equal for every test a tree can make, but they
/// are kept apart so that the values come back as they were.
bool same_level(float a, float b) {
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

}  // namespace

std::optional<double> parse_number(std::string_view field) {
    if (field.empty() || field == "nan" || field == "NaN" || field == "NA" || field == "null") {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (field.front() == '+') {
        field.remove_prefix(1);
    }
    double value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc{} || end != field.data() + field.size()) {
        return std::nullopt;
    }
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<float> parse_feature(std::string_view field, era::Piece piece) {
    const std::optional<double> value = parse_number(field);
    const float rounded = value ? era::piece_of(*value, piece) : 0.0F;
    return value && !std::isinf(rounded) ? std::optional(rounded) : std::nullopt;
}

CsvDictionary::Result CsvDictionary::encode(std::string_view field) {
    const std::optional<float> value = parse(field);
    if (!value) {
        return {Outcome::not_a_number, kUnknown};
    }
    std::uint8_t code = 0;
    while (code < levels_.count && !same_level(levels_.values[code], *value)) {
        ++code;
    }
    if (code == levels_.count) {
        if (levels_.count == era::kMaxLevels) {
            return {Outcome::too_many_levels, kUnknown};
        }
        levels_.values[levels_.count++] = *value;
    }
    if (field.size() <= kMaxKeyBytes) {
        std::array<char, 8> padded{};
        field.copy(padded.data(), field.size());
        const FieldKey key = field_key(padded.data(), field.size());
        std::uint64_t& slot = slots_[slot_of(key)];
        if (slot == kEmptySlot) {
            slot = key | (std::uint64_t{code} << kKeyBits);
        }
    }
    return {Outcome::coded, code};
}

}  // namespace erawise::decode
