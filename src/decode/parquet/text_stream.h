#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/parquet/hybrid_runs.h"
#include "decode/parquet/page.h"
#include "decode/parquet/page_stream.h"

namespace erawise::decode {

/// The rows of one large page of plain strings, read in pieces.
///
/// Errors: Error(data) with column and byte; Error(disk). Used by one thread at a time.
class TextStream {
  public:
    /// Whether a page can be read so: strings that follow each other with their lengths, in a codec
    /// that PageStream takes. Other pages have to be in memory.
    static bool takes(const ParquetColumn& column, const ColumnChunk& chunk,
                      const PageReader::Header& header) noexcept;

    /// A page of `chunk`, whose header was read: takes() it. All but `header` must live as long.
    TextStream(const RandomFile& file, const PageReader& pages, const ParquetColumn& column,
               const ColumnChunk& chunk, const PageReader::Header& header);

    /// The next row's text, valid until the next call; empty when it is null. As many calls as the
    /// header has rows.
    std::optional<std::string_view> next();

    /// Behind the last row: whether that is all, and the checksum. The row's text stays valid.
    void finish();

    [[nodiscard]] const PageReader::Header& header() const noexcept { return header_; }

    /// True when next() or finish() failed because the page has to be read whole.
    [[nodiscard]] bool repeats_too_far() const noexcept { return stream_.repeats_too_far(); }

    /// What it takes for a page of `rows` rows.
    static std::uint64_t memory_bytes(std::uint32_t rows) noexcept;

  private:
    void open_levels();
    void pass_over(std::uint64_t bytes);
    void read_levels(std::size_t bytes);
    bool next_is_defined();
    const char* take(std::size_t bytes);
    [[noreturn]] void fail(const std::string& what) const;

    const PageReader& pages_;
    const ParquetColumn& column_;
    PageReader::Header header_;
    PageStream stream_;
    bool is_open_ = false;  ///< the levels were read
    std::vector<char> level_bytes_;
    HybridRuns levels_;
    HybridRuns::Run level_run_;
    std::vector<char> buffer_;
    std::size_t at_ = 0;  ///< in the buffer
};

}  // namespace erawise::decode
