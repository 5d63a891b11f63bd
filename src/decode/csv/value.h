#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "era/number_pieces.h"

namespace erawise::decode {

/// What a CSV field says, as pandas.read_csv takes it.
struct CsvValue {
    enum class Kind : std::uint8_t { number, boolean, missing, infinite, text };
    Kind kind = Kind::text;
    double number = 0;  ///< of a number; 1 and 0 of a boolean; NaN of a missing value
};

/// A decimal number may have white space around it, and is read as Python's float() does. Missing
/// are the empty field and the other strings of is_missing(). True and False may have letters of
/// any case. Anything else is text, "0x10" and " NaN" among it.
CsvValue read_value(std::string_view field);

/// The strings that pandas takes for a missing value: empty, NaN, <NA>, None and others.
bool is_missing(std::string_view field) noexcept;

/// The fields of one column of numbers. A column may hold numbers or True and False, but not both:
/// pandas takes it for text then.
class CsvNumbers {
  public:
    /// NaN for a missing value. Empty: not a finite number, or not beside the fields before it.
    std::optional<double> read(std::string_view field);

    /// The same, rounded to float32 or the piece of a float64, where a large number does not fit
    /// either.
    std::optional<float> read_float(std::string_view field, era::Piece piece = era::Piece::whole);

    /// Why a field was refused, and what to do: "which is not a number".
    static std::string_view refusal(std::string_view field);

  private:
    bool has_numbers_ = false;
    bool has_booleans_ = false;
};

}  // namespace erawise::decode
