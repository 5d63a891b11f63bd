#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "decode/csv/kernels.h"

namespace erawise::decode {

/// scan_separators() byte by byte, for text with quotes where RFC 4180 has none, read as pandas
/// reads it: a quote opens where a field begins, and is a letter within an unquoted field; what
/// stands behind a closing quote belongs to the field, as it is.
SeparatorCount scan_odd_quotes(std::string_view text, std::uint32_t* separators,
                               std::uint32_t* row_ends) noexcept;

/// The text of a field: what is in its quotes, each double quote there as one, and what stands
/// behind them. `buffer` holds it where it is not a part of `raw`.
std::string_view unquoted(std::string_view raw, std::string& buffer);

/// A place in text that starts where a row does.
struct TextPlace {
    std::uint64_t lines = 0;   ///< line feeds before it
    std::uint64_t fields = 0;  ///< separators before it in its row
    std::size_t bytes = 0;     ///< before it
};

/// The first carriage return outside quotes that no line feed follows; there must be one.
TextPlace find_lone_return(std::string_view text) noexcept;

/// Where the quote stands that is never closed; there must be one.
TextPlace find_open_quote(std::string_view text) noexcept;

}  // namespace erawise::decode
