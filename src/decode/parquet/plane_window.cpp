#include "decode/parquet/plane_window.h"

#include <algorithm>
#include <cstring>

namespace erawise::decode {

std::size_t PlaneWindow::column_bytes(const era::BlockLayout::Column& column, std::size_t rows) {
    return column.form == era::ColumnForm::plain ? rows * sizeof(float) + kSlackBytes
                                                 : column.planes * (rows / 8 + kSlackBytes);
}

ColumnTarget PlaneWindow::column_at(const era::BlockLayout::Column& column, std::byte* memory,
                                    std::size_t rows) {
    ColumnTarget target;
    if (column.form == era::ColumnForm::plain) {
        target.values = reinterpret_cast<float*>(memory);
        return target;
    }
    for (unsigned plane = 0; plane < column.planes; ++plane) {
        target.planes[plane] =
            reinterpret_cast<std::uint64_t*>(memory + plane * (rows / 8 + kSlackBytes));
    }
    return target;
}

std::size_t PlaneWindow::bytes_for(const era::BlockLayout& layout, std::size_t rows) {
    const std::size_t whole = (rows + era::kBlockRows - 1) / era::kBlockRows * era::kBlockRows;
    std::size_t bytes = 0;
    for (const era::BlockLayout::Column& column : layout.columns) {
        bytes += column_bytes(column, whole);
    }
    return bytes;
}

void PlaneWindow::set_layout(const era::BlockLayout& layout, std::size_t most_rows) {
    std::size_t blocks = (most_rows + era::kBlockRows - 1) / era::kBlockRows;
    if (layout.block_bytes > 0) {
        const std::size_t slack = bytes_for(layout, 0);
        blocks = std::min(blocks, (bytes_ - std::min(bytes_, slack)) / layout.block_bytes);
    }
    capacity_ = blocks * era::kBlockRows;
    const std::size_t needed = bytes_for(layout, capacity_);
    if (capacity_ > 0 && needed > storage_.size()) {
        storage_ = {};
        storage_ = era::AlignedBytes(needed);
    }
    place_columns(layout);
}

/// The window has whole blocks, and as many rows as are of use: where columns are few, that is less
/// than it was given.
std::span<std::byte> PlaneWindow::storage(const era::BlockLayout& layout) {
    if (storage_.size() + layout.block_bytes < bytes_) {
        storage_ = {};
        storage_ = era::AlignedBytes(bytes_);
        place_columns(layout);
    }
    return {storage_.data(), storage_.size()};
}

void PlaneWindow::place_columns(const era::BlockLayout& layout) {
    places_.clear();
    std::size_t offset = 0;
    for (const era::BlockLayout::Column& column : layout.columns) {
        places_.push_back({column.form, column.planes,
                           capacity_ > 0 ? column_at(column, storage_.data() + offset, capacity_)
                                         : ColumnTarget{}});
        offset += column_bytes(column, capacity_);
    }
}

void PlaneWindow::append_parts(const era::BlockLayout::Column& column, const ColumnTarget& target,
                               std::size_t first, std::size_t count, std::vector<iovec>& parts) {
    if (column.form == era::ColumnForm::plain) {
        parts.push_back({target.values + first, count * sizeof(float)});
        return;
    }
    for (unsigned plane = 0; plane < column.planes; ++plane) {
        parts.push_back({target.planes[plane] + first / 64, count / 8});
    }
}

void PlaneWindow::copy_rows(std::size_t from, std::size_t rows, era::EraBatch& batch,
                            std::size_t block, std::size_t row) const {
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const Place& place = places_[i];
        if (place.form == era::ColumnForm::plain) {
            std::memcpy(batch.values(block, i) + row, place.target.values + from,
                        rows * sizeof(float));
            continue;
        }
        std::uint64_t* target = batch.planes(block, i);
        for (unsigned plane = 0; plane < place.planes; ++plane) {
            copy_bits(place.target.planes[plane], from, target, row, rows);
            target += era::kBlockRows / 64;
        }
    }
}

}  // namespace erawise::decode
