#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "decode/parquet/schema.h"

namespace erawise::decode {

inline constexpr std::size_t kUuidBytes = 16;

bool is_timestamp(Meaning meaning) noexcept;

/// Appends a value of an int32 or int64 column: whole numbers in decimal; dates as 2026-11-29;
/// timestamps so, too, where they are midnight, and as 2026-11-29T10:30:00.25 otherwise.
void append_number(std::string& text, std::int64_t value, const ParquetColumn& column);

/// Appends 16 bytes with hyphens, as 550e8400-e29b-41d4-a716-446655440000.
void append_uuid(std::string& text, std::string_view bytes);

}  // namespace erawise::decode
