#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "decode/parquet/page.h"
#include "decode/parquet/spill_file.h"
#include "decode/parquet/text_stream.h"
#include "decode/parquet/text_values.h"

namespace erawise::decode {

/// A column of texts (ids, eras, kinds of rows), read row by row through the chunks of a file.
///
/// Holds a page, or reads a large one in pieces, and a dictionary. Errors: Error(data) with column
/// and byte. Used by one thread at a time.
class TextColumn {
  public:
    /// `column` must live as long; it is_text().
    TextColumn(const RandomFile& file, const ParquetColumn& column, PageLimits limits)
        : file_(file), column_(column), pages_(file, limits) {}

    void set_limits(PageLimits limits) noexcept { pages_.set_limits(limits); }

    /// Goes to the beginning of a row group.
    void open(const ColumnChunk& chunk);

    /// The next row's text, valid until the next call. Empty when it is null.
    std::optional<std::string_view> next();

    /// What the headers of the chunk's pages say. Writers begin with indices to a dictionary, which
    /// are small, and go on with the texts themselves when it is full.
    struct Probe {
        std::uint64_t dictionary_bytes = 0;
        std::uint64_t page_bytes = 0;    ///< of the largest that is held, compressed and not
        std::uint64_t stream_bytes = 0;  ///< what reading in pieces takes beside it
    };
    Probe probe();

    /// Pages that are larger than this are read in pieces, or else better spilled.
    static constexpr std::uint64_t kLargePageBytes = 2 * 1024 * 1024;

    /// Writes all texts of the chunk to `file`, and reads them back from there: its pages are not
    /// held then. Meanwhile `memory` is for pages.
    void spill(SpillFile& file, std::uint64_t rows, std::span<char> memory);

    [[nodiscard]] std::uint64_t memory_bytes() const noexcept {
        return pages_.memory_bytes() + dictionary_.memory_bytes() + buffer_.capacity();
    }

  private:
    class SpillWriter;

    [[nodiscard]] bool is_streamed(const PageReader::Header& header) const noexcept;
    void next_page();
    void hold_page(const PageReader::Header& header);
    std::optional<std::string_view> next_streamed();
    std::optional<std::string_view> next_held();
    bool next_is_defined();
    std::optional<std::string_view> next_spilled();

    const RandomFile& file_;
    const ParquetColumn& column_;
    PageReader pages_;
    ColumnChunk chunk_;
    std::uint64_t next_page_ = 0;
    std::uint64_t page_ = 0;
    std::uint32_t rows_left_ = 0;
    TextDictionary dictionary_;
    TextValues values_;
    std::optional<TextStream> stream_;  ///< of a page that is not held
    HybridRuns levels_;
    HybridRuns::Run level_run_;

    const SpillFile* spilled_ = nullptr;  ///< where the texts of this chunk are; none: in its pages
    std::uint64_t spilled_bytes_ = 0;     ///< that went through the buffer
    std::vector<char> buffer_;
    std::size_t at_ = 0;  ///< in the buffer
};

}  // namespace erawise::decode
