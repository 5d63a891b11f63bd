#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "era/era_batch.h"

namespace erawise::era {

/// The bit planes of one column over many rows: bit r % 64 of word r / 64 of each plane. Writing
/// rows up to `n` may change the bits behind them, up to a whole word further.
using Planes = std::array<std::uint64_t*, kMaxPlanes>;

/// Codes in other planes than they were stored with: `codes[c]` is the new code of c.
using CodeMap = std::array<std::uint8_t, kMaxLevels>;

/// Replaces the codes of `rows` rows: `width` planes before, `new_width` after.
void map_codes(const Planes& planes, std::size_t rows, unsigned width, const CodeMap& map,
               unsigned new_width) noexcept;

}  // namespace erawise::era
