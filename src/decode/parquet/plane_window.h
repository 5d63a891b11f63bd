#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <vector>

#include "decode/parquet/feature_column.h"
#include "era/era_batch.h"

namespace erawise::decode {

/// Rows of all features, column by column, each in planes or values of its own: where pages are
/// decoded to, and batches are cut from.
class PlaneWindow {
  public:
    /// At most `bytes` of storage, which is touched when the first layout is given.
    explicit PlaneWindow(std::size_t bytes) : bytes_(bytes) {}

    /// Room for as many rows of `layout` as fit, at most `most_rows`; what was in it is lost.
    void set_layout(const era::BlockLayout& layout, std::size_t most_rows);

    /// What it may take.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    /// How many rows fit: a multiple of 512, 0 when the storage is too small.
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

    [[nodiscard]] const ColumnTarget& column(std::size_t index) const noexcept {
        return places_[index].target;
    }

    /// Copies rows [from, from + rows) of all columns to block `block` of a batch with the same
    /// layout, from its row `row` on; they fit in.
    void copy_rows(std::size_t from, std::size_t rows, era::EraBatch& batch, std::size_t block,
                   std::size_t row) const;

    /// What a window of `rows` rows takes.
    static std::size_t bytes_for(const era::BlockLayout& layout, std::size_t rows);

    /// All the memory that it may take, rows or not, for another use while there are no rows in the
    /// window. `layout` is the one that it has.
    [[nodiscard]] std::span<std::byte> storage(const era::BlockLayout& layout);

    /// What `rows` rows (whole blocks) of a column take, and where they lie in memory of that size.
    static std::size_t column_bytes(const era::BlockLayout::Column& column, std::size_t rows);
    static ColumnTarget column_at(const era::BlockLayout::Column& column, std::byte* memory,
                                  std::size_t rows);

    /// `count` rows of a column from row `first` on (a multiple of 512) as they lie in `target`,
    /// plane after plane.
    static void append_parts(const era::BlockLayout::Column& column, const ColumnTarget& target,
                             std::size_t first, std::size_t count, std::vector<iovec>& parts);

    /// Kernels write and read up to a word behind the last row of a plane.
    static constexpr std::size_t kSlackBytes = era::kPlaneBytes;

  private:
    struct Place {
        era::ColumnForm form;
        std::uint8_t planes;
        ColumnTarget target;
    };

    void place_columns(const era::BlockLayout& layout);

    std::size_t bytes_;
    era::AlignedBytes storage_;
    std::vector<Place> places_;
    std::size_t capacity_ = 0;
};

}  // namespace erawise::decode
