#pragma once

#include <cstddef>
#include <cstdint>

#include "era/era_batch.h"

namespace erawise::era {

/// Columns hold float32, which is what features are. A column of float64 (a target, predictions)
/// stands as three columns that follow each other, of 22, 21 and 21 of its 64 bits: whole numbers,
/// which float32 holds exactly, so that they go the way of every other column.
enum class Piece : std::uint8_t {
    whole,  ///< the value itself as float32
    high,
    middle,
    low
};
inline constexpr std::size_t kNumberPieces = 3;

/// NaN when `value` is; infinite when it is, or when it is too large for a `whole` float32.
[[nodiscard]] float piece_of(double value, Piece piece) noexcept;

/// The value that stands in columns `first`, `first` + 1 and `first` + 2 of a row.
[[nodiscard]] double number_at(const EraBatch& batch, std::size_t row, std::size_t first);

}  // namespace erawise::era
