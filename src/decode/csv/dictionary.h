#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "decode/csv/value.h"
#include "era/era_batch.h"
#include "era/number_pieces.h"

namespace erawise::decode {

/// A field of up to 7 bytes as one number: its bytes and, above them, its length (3 bits).
using FieldKey = std::uint64_t;
inline constexpr std::size_t kMaxKeyBytes = 7;
inline constexpr unsigned kKeyBits = 59;

/// `text` must have 8 readable bytes, `length` be at most kMaxKeyBytes.
inline FieldKey field_key(const char* text, std::size_t length) {
    static_assert(std::endian::native == std::endian::little, "planes and keys assume it");
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    const std::uint64_t mask = (std::uint64_t{1} << (8 * length)) - 1;
    return (word & mask) | (std::uint64_t{length} << 56);
}

/// The codes of one column's fields. Numerai's columns have a handful of distinct byte strings, so
/// a look-up of 8 bytes replaces the float parser.
class CsvDictionary {
  public:
    static constexpr std::uint8_t kUnknown = 0xFF;

    /// `piece`: what the column holds of its fields' values.
    explicit CsvDictionary(era::Piece piece = era::Piece::whole) : piece_(piece) {
        slots_.fill(kEmptySlot);
    }

    /// The code of a field that was met before, or kUnknown: ask encode() then.
    [[nodiscard]] std::uint8_t find(FieldKey key) const noexcept {
        const std::uint64_t slot = slots_[slot_of(key)];
        const bool is_same = ((slot ^ key) << (64 - kKeyBits)) == 0;
        return is_same ? static_cast<std::uint8_t>(slot >> kKeyBits) : kUnknown;
    }

    enum class Outcome : std::uint8_t { coded, not_a_number, too_many_levels };
    struct Result {
        Outcome outcome;
        std::uint8_t code;
    };

    /// Parses a field, adds its value to the levels when it is new, and remembers the string.
    Result encode(std::string_view field);

    /// The value alone, for a column that has too many; empty: not a number (CsvNumbers).
    std::optional<float> read(std::string_view field) { return numbers_.read_float(field, piece_); }

    [[nodiscard]] const era::Levels& levels() const noexcept { return levels_; }

  private:
    static constexpr std::size_t kSlots = 16;
    static constexpr std::uint64_t kEmptySlot = 0xFF;  ///< length 0 with a byte: no key is so

    /// The multiplier spreads the strings that Numerai's files have used ("0.0" to "1.0", "0" to
    /// "4", "0.00000" to "1.00000", the empty one) over different slots; others may collide, which
    /// costs time only.
    [[nodiscard]] static std::size_t slot_of(FieldKey key) noexcept {
        return (key * kMultiplier) >> 60;
    }
    static constexpr std::uint64_t kMultiplier = 0x4BE03DB0DC2574BDu;

    /// Key in the low 59 bits, code in the high 5.
    alignas(64) std::array<std::uint64_t, kSlots> slots_;
    era::Levels levels_;
    era::Piece piece_;
    CsvNumbers numbers_;
};

}  // namespace erawise::decode
