#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "decode/parquet_page.h"
#include "decode/text_values.h"

namespace erawise::decode {

/// A column of texts (ids, eras, kinds of rows), read row by row through the chunks of a file.
///
/// Holds one page and one dictionary. Errors: Error(data) with column and byte. Used by one thread
/// at a time.
class TextColumn {
  public:
    /// `column` must live as long; it is_text().
    TextColumn(const RandomFile& file, const ParquetColumn& column, PageLimits limits)
        : column_(column), pages_(file, limits) {}

    /// Goes to the beginning of a row group.
    void open(const ColumnChunk& chunk);

    /// The next row's text, valid until the next call. Empty when it is null.
    std::optional<std::string_view> next();

    /// Reads the first pages of the chunk and goes back to its beginning; returns the bytes of the
    /// page in memory, compressed and not.
    std::uint64_t probe();

    [[nodiscard]] std::uint64_t memory_bytes() const noexcept {
        return pages_.memory_bytes() + dictionary_.memory_bytes();
    }

  private:
    void next_page();
    bool next_is_defined();

    const ParquetColumn& column_;
    PageReader pages_;
    ColumnChunk chunk_;
    std::uint64_t next_page_ = 0;
    std::uint64_t page_ = 0;
    std::uint32_t rows_left_ = 0;
    TextDictionary dictionary_;
    TextValues values_;
    HybridRuns levels_;
    HybridRuns::Run level_run_;
};

}  // namespace erawise::decode
