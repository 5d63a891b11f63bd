#include "era/era_batch.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace erawise::era {

void BlockLayout::add(ColumnForm form, unsigned planes) {
    columns.push_back(
        {form, static_cast<std::uint8_t>(planes), static_cast<std::uint32_t>(block_bytes)});
    block_bytes += form == ColumnForm::coded ? planes * kPlaneBytes : kBlockRows * sizeof(float);
}

namespace {

/// From this size on the allocator asks the kernel for fresh pages.
constexpr std::size_t kPopulatedBytes = 256 * 1024;

/// The smallest large page of x86-64 and arm64.
constexpr std::size_t kLargePageBytes = 2 * 1024 * 1024;

/// The part of [bytes, bytes + size) that whole pages of `page` bytes make up.
std::pair<void*, std::size_t> whole_pages(std::byte* bytes, std::size_t size, std::size_t page) {
    const auto first = reinterpret_cast<std::uintptr_t>(bytes);
    const std::uintptr_t begin = (first + page - 1) / page * page;
    const std::uintptr_t end = (first + size) / page * page;
    return {reinterpret_cast<void*>(begin), end > begin ? end - begin : 0};
}

/// Has the kernel provide the pages in one go, where it can: touching one after the other takes
/// three times as long. Large ones take a tenth of that; only those that are filled to the end, so
/// that nothing is resident that nobody asked for.
void populate([[maybe_unused]] std::byte* bytes, [[maybe_unused]] std::size_t size) {
#if defined(MADV_HUGEPAGE) && defined(MADV_POPULATE_WRITE)
    if (const auto [begin, length] = whole_pages(bytes, size, kLargePageBytes); length > 0) {
        madvise(begin, length, MADV_HUGEPAGE);
    }
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    if (const auto [begin, length] = whole_pages(bytes, size, page); length > 0) {
        madvise(begin, length, MADV_POPULATE_WRITE);
    }
#endif
}

}  // namespace

AlignedBytes::AlignedBytes(std::size_t size) : size_(size) {
    const std::size_t alignment = size < kLargePageBytes ? kPlaneBytes : kLargePageBytes;
    const std::size_t rounded = (size + kPlaneBytes - 1) / kPlaneBytes * kPlaneBytes;
    // What is reserved beyond is never touched.
    const std::size_t reserved = (size + alignment - 1) / alignment * alignment;
    bytes_.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, reserved)));
    if (!bytes_) {
        throw std::bad_alloc();
    }
    if (rounded >= kPopulatedBytes) {
        populate(bytes_.get(), rounded);
    }
    std::memset(bytes_.get(), 0, rounded);
}

void RowIds::reserve(std::size_t rows, std::size_t bytes) {
    ends_.reserve(rows);
    characters_.reserve(bytes);
}

void RowIds::clear() noexcept {
    characters_.clear();
    ends_.clear();
}

void RowIds::push_back(std::string_view id) {
    characters_.insert(characters_.end(), id.begin(), id.end());
    ends_.push_back(static_cast<std::uint32_t>(characters_.size()));
}

void EraBatch::reset(std::shared_ptr<const BlockLayout> layout, std::string_view label) {
    layout_ = std::move(layout);
    era.assign(label);
    ids.clear();
    levels.assign(layout_->columns.size(), Levels{});
}

void EraBatch::set_levels(std::size_t column, const Levels& of_column) {
    const BlockLayout::Column& place = layout_->columns[column];
    const std::size_t codes =
        place.form == ColumnForm::coded ? std::size_t{1} << place.planes : std::size_t{0};
    levels[column] = of_column;
    levels[column].count = static_cast<std::uint8_t>(std::min<std::size_t>(of_column.count, codes));
}

std::size_t EraBatch::row_capacity() const noexcept {
    // A batch without columns (a model that is a constant) has only ids: any number would do.
    const std::size_t bytes = std::max<std::size_t>(layout_->block_bytes, kPlaneBytes);
    return storage_.size() / bytes * kBlockRows;
}

std::size_t EraBatch::rows_in_block(std::size_t block) const noexcept {
    return std::min(kBlockRows, rows() - block * kBlockRows);
}

float EraBatch::value(std::size_t row, std::size_t column) const {
    const std::size_t block = row / kBlockRows;
    const std::size_t bit = row % kBlockRows;
    const BlockLayout::Column& place = layout_->columns[column];
    if (place.form == ColumnForm::plain) {
        return values(block, column)[bit];
    }
    std::size_t code = 0;
    for (unsigned plane = 0; plane < place.planes; ++plane) {
        const std::uint64_t word = planes(block, column)[plane * (kBlockRows / 64) + bit / 64];
        code |= ((word >> (bit % 64)) & 1u) << plane;
    }
    return levels[column].values[code];
}

std::size_t EraBatch::memory_bytes() const noexcept {
    return storage_.size() + ids.memory_bytes() + levels.capacity() * sizeof(Levels);
}

}  // namespace erawise::era
