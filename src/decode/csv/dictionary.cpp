#include "decode/csv/dictionary.h"

namespace erawise::decode {
namespace {

/// Missing values are one level; 0.0 and -0.0 are equal for every test a tree can make, but they
/// are kept apart so that the values come back as they were.
bool same_level(float a, float b) {
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

}  // namespace

CsvDictionary::Result CsvDictionary::encode(std::string_view field) {
    const std::optional<float> value = read(field);
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
