#include "decode/parquet/memory.h"

#include <algorithm>

#include "decode/parquet/feature_decoder.h"
#include "decode/parquet/group_spill.h"
#include "decode/parquet/plane_window.h"
#include "util/byte_size.h"

namespace erawise::decode {
namespace {

/// Rows that are taken at a time when no feature asks for a window: counting eras.
constexpr std::size_t kRowsWithoutFeatures = 65536;

/// Reads of a few small pages at a time.
constexpr std::uint64_t kPageReadBytes = 320 * util::kKiB;

std::uint64_t round_up(std::uint64_t bytes, std::uint64_t step) {
    return (bytes + step - 1) / step * step;
}

/// Of one page that grows by an eighth, in a buffer that does.
std::uint64_t share_for(std::uint64_t page_bytes) {
    // Planes may follow a page in the window: they begin on a cache line.
    return round_up(page_bytes + page_bytes / 4 + kPageReadBytes, era::kPlaneBytes);
}

}  // namespace

void ParquetMemory::see(const GroupFacts& pages) noexcept {
    page_bytes_ = std::max(page_bytes_, slices_pages_ ? pages.most_held_bytes : pages.most_bytes);
    dictionary_bytes_ = std::max(dictionary_bytes_, pages.dictionary_bytes);
}

void ParquetMemory::see_page_rows(std::uint64_t rows) noexcept {
    page_rows_ = std::max(page_rows_, rows);
}

bool ParquetMemory::see_texts(const TextFacts& texts) noexcept {
    // Row groups differ a little: that is no reason for a new plan.
    const std::uint64_t bytes = round_up(texts.bytes, 64 * util::kKiB);
    const bool is_more = bytes > text_bytes_;
    text_bytes_ = std::max(text_bytes_, bytes);
    large_text_page_bytes_ = std::max(large_text_page_bytes_, texts.largest_page_bytes);
    return is_more;
}

bool ParquetMemory::hold_large_texts(const TextFacts& texts) noexcept {
    // Buffers have an eighth to spare.
    const std::uint64_t bytes =
        round_up(texts.large_bytes + texts.large_bytes / 8, 64 * util::kKiB);
    const bool is_more = bytes > held_text_bytes_;
    held_text_bytes_ = std::max(held_text_bytes_, bytes);
    return is_more;
}

void ParquetMemory::see_large_page(std::uint64_t bytes) noexcept {
    page_bytes_ = std::max(page_bytes_, bytes);
}

void ParquetMemory::hold_large_page(std::uint64_t bytes) noexcept {
    see_large_page(bytes);
    held_page_bytes_ = std::max(held_page_bytes_, bytes);
}

bool ParquetMemory::has_long_pages() const noexcept {
    return page_rows_ > kLongPageRows;
}

/// Where pages are read in slices the rows of a group that is unlike the first may have to.
bool ParquetMemory::may_spill() const noexcept {
    return spills_group_ || (!slices_pages_ && page_rows_ > kMostDecodes * era::kBlockRows);
}

bool ParquetMemory::will_spill() const noexcept {
    return has_long_pages() && has_spill_folder_;
}

std::size_t ParquetMemory::most_window_rows() const noexcept {
    if (file_.features == 0) {
        return kRowsWithoutFeatures;
    }
    return has_long_pages() && (slices_pages_ || has_spill_folder_) ? kLongPageWindowRows
                                                                    : kLongPageRows;
}

std::size_t ParquetMemory::preferred_rows() const noexcept {
    return std::clamp<std::size_t>(page_rows_, kMinWindowRows, most_window_rows());
}

std::uint64_t ParquetMemory::page_bytes() const noexcept {
    return std::max({page_bytes_, text_bytes_, held_text_bytes_});
}

std::uint64_t ParquetMemory::page_share_bytes() const noexcept {
    return share_for(page_bytes_);
}

bool ParquetMemory::has_room_to_spill(const era::BlockLayout& layout,
                                      std::uint64_t window_bytes) const noexcept {
    const std::uint64_t bytes =
        std::max(largest_column_bytes(layout, file_.most_group_rows), text_page_bytes());
    return bytes + layout.block_bytes <= window_bytes;
}

WindowNeeds ParquetMemory::window_needs(const era::BlockLayout& layout) const noexcept {
    const std::uint64_t rows = std::min<std::uint64_t>(preferred_rows(), file_.rows);
    const std::uint64_t least = least_window_bytes(layout);
    const std::uint64_t preferred =
        std::min<std::uint64_t>(PlaneWindow::bytes_for(layout, rows), kMaxWindowBytes);
    return {.preferred_bytes = std::max(preferred, least), .minimum_bytes = least};
}

std::uint64_t ParquetMemory::largest_column_bytes(const era::BlockLayout& layout,
                                                  std::uint64_t rows) noexcept {
    const std::size_t padded = GroupSpill::padded_rows(rows);
    std::uint64_t bytes = 0;
    for (const era::BlockLayout::Column& column : layout.columns) {
        bytes = std::max<std::uint64_t>(bytes, PlaneWindow::column_bytes(column, padded));
    }
    return bytes;
}

/// The largest page of ids that has to be spilled, in buffers with an eighth to spare.
std::uint64_t ParquetMemory::text_page_bytes() const noexcept {
    return large_text_page_bytes_ + large_text_page_bytes_ / 8 + 64 * util::kKiB;
}

/// A block of rows. Where a row group may have to be spilled, also all of its rows of one column,
/// and where it will be, pages as well; before them a page of ids.
std::uint64_t ParquetMemory::least_window_bytes(const era::BlockLayout& layout) const noexcept {
    const std::uint64_t block = PlaneWindow::bytes_for(layout, era::kBlockRows);
    if (!may_spill()) {
        return block;
    }
    std::uint64_t bytes = largest_column_bytes(layout, file_.most_group_rows);
    if (will_spill()) {
        bytes += file_.workers * page_share_bytes();
    }
    if (will_spill() || spills_group_) {
        bytes = std::max(bytes, text_page_bytes());  // alone: texts are written first
    }
    // The window is whole blocks: up to one of them is left of what it was given.
    return std::max(block, bytes + layout.block_bytes);
}

std::uint64_t ParquetMemory::decoder_bytes() const noexcept {
    std::uint64_t pages = share_for(page_bytes_);
    if (will_spill()) {
        pages = held_page_bytes_ > 0 ? share_for(held_page_bytes_) : 0;
    }
    return file_.fixed_bytes + text_bytes_ + held_text_bytes_ + preferred_rows() * kIdBytesPerRow +
           file_.workers * (FeatureDecoder::scratch_bytes() + dictionary_bytes_ + pages);
}

}  // namespace erawise::decode
