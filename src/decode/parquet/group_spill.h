#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "decode/parquet/plane_window.h"
#include "decode/parquet/spill_file.h"
#include "decode/parquet/text_column.h"
#include "era/era_batch.h"

namespace erawise::decode {

/// A row group whose pages are much larger than the window, on its way through temporary files:
/// written column by column, read back window by window.
///
/// Errors: Error(disk). Used by one thread at a time.
class GroupSpill {
  public:
    /// `rows`: of the group. Error(disk) when the folder takes no temporary files.
    GroupSpill(const std::filesystem::path& folder, std::uint64_t rows);

    /// Ids, eras, kinds of rows; nullptr: there is no such column. Large pages are not held then,
    /// for the texts come from the file. `memory` is for a page meanwhile.
    void write_texts(std::span<TextColumn* const> texts, std::span<char> memory);

    /// Decodes all rows of features [first, first + targets.size()) to the targets. False when a
    /// feature turned out to need another layout.
    using DecodeColumns =
        std::function<bool(std::size_t first, std::span<const ColumnTarget> targets)>;

    /// As many columns at a time as `memory` holds; each fits alone. False when `decode` said so:
    /// nothing that was written counts.
    /// `window_rows`: the capacity of the windows that are read later.
    bool write_features(const era::BlockLayout& layout, std::size_t window_rows,
                        std::span<std::byte> memory, const DecodeColumns& decode);

    /// Fills the window with the rows from `row` on, a multiple of its capacity. Layout and
    /// capacity are those that were written.
    void read(const era::BlockLayout& layout, PlaneWindow& window, std::uint64_t row);

    /// Planes and values that were written.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    /// Rows that a column has room for: whole blocks.
    static std::size_t padded_rows(std::uint64_t rows) noexcept;

  private:
    void write_images(std::span<const era::BlockLayout::Column> columns,
                      std::span<const ColumnTarget> targets, std::size_t window_rows,
                      std::uint64_t offset);

    std::size_t padded_;
    std::uint64_t rows_;
    std::uint64_t bytes_ = 0;
    std::uint64_t image_bytes_ = 0;  ///< what a full window takes in the file
    SpillFile features_;
    std::vector<std::unique_ptr<SpillFile>> texts_;
};

}  // namespace erawise::decode
