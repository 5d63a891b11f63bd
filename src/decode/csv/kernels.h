#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "era/era_batch.h"

namespace erawise::decode {

/// Bytes behind the text that the scan may read (never use): one vector's worth.
inline constexpr std::size_t kScanPadding = 64;

struct SeparatorCount {
    std::size_t separators = 0;  ///< commas and line feeds outside quotes
    std::size_t rows = 0;        ///< line feeds outside quotes
    bool has_quotes = false;
    bool ends_in_quotes = false;  ///< a quote was opened and not closed
    /// A quote neither begins nor ends a field: the rest does not count, see scan_odd_quotes().
    bool has_odd_quotes = false;
    bool has_lone_returns = false;  ///< a carriage return outside quotes without a line feed
};

/// Finds where the fields of `size` bytes of CSV text end; the text starts outside quotes.
///
/// `separators` takes the positions of commas and line feeds (room for `size` of them), `row_ends`
/// the number of separators up to and with each line feed (room for `size`). Positions are bytes
/// from the start of the text. Written with Highway: the widest vectors that the machine has.
SeparatorCount scan_separators(const char* text, std::size_t size, std::uint32_t* separators,
                               std::uint32_t* row_ends) noexcept;

/// Codes of up to 64 rows, row by row: `stride` bytes per row, a byte per column, values below 16.
struct CodeRows {
    static constexpr std::size_t kRows = 64;
    std::size_t stride = 0;  ///< a multiple of 64
    std::vector<std::uint8_t> codes;

    explicit CodeRows(std::size_t columns)
        : stride((columns + 63) / 64 * 64), codes(kRows * stride) {}
    [[nodiscard]] std::uint8_t* row(std::size_t index) { return codes.data() + index * stride; }
};

/// Turns `rows` code rows into bit planes: row r becomes bit r of word `word` (0 to 7) of each
/// plane of each coded column of `block`. Bits behind `rows` become 0.
void pack_planes(const CodeRows& source, std::size_t rows, const era::BlockLayout& layout,
                 std::byte* block, std::size_t word) noexcept;

/// The name of the vector target that was chosen: "AVX3", "AVX2", "SSE4", "NEON", "EMU128".
const char* csv_kernel_name();

}  // namespace erawise::decode
