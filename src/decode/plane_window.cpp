#include "decode/plane_window.h"

#include <algorithm>
#include <cstring>

namespace erawise::decode {
namespace {

std::size_t slack_of(const era::BlockLayout& layout) {
    std::size_t regions = 0;
    for (const era::BlockLayout::Column& column : layout.columns) {
        regions += column.form == era::ColumnForm::coded ? column.planes : 1u;
    }
    return regions * PlaneWindow::kSlackBytes;
}

}  // namespace

std::size_t PlaneWindow::bytes_for(const era::BlockLayout& layout, std::size_t rows) {
    const std::size_t blocks = (rows + era::kBlockRows - 1) / era::kBlockRows;
    return blocks * layout.block_bytes + slack_of(layout);
}

void PlaneWindow::set_layout(const era::BlockLayout& layout, std::size_t most_rows) {
    const std::size_t slack = slack_of(layout);
    std::size_t blocks = (most_rows + era::kBlockRows - 1) / era::kBlockRows;
    if (layout.block_bytes > 0) {
        blocks = std::min(blocks, (bytes_ - std::min(bytes_, slack)) / layout.block_bytes);
    }
    capacity_ = blocks * era::kBlockRows;
    plane_stride_ = capacity_ / 8 + kSlackBytes;
    places_.clear();
    std::size_t offset = 0;
    for (const era::BlockLayout::Column& column : layout.columns) {
        places_.push_back({column.form, column.planes, offset});
        offset += column.form == era::ColumnForm::coded ? column.planes * plane_stride_
                                                        : capacity_ * sizeof(float) + kSlackBytes;
    }
    if (capacity_ > 0 && offset > storage_.size()) {
        storage_ = {};
        storage_ = era::AlignedBytes(offset);
    }
}

ColumnTarget PlaneWindow::column(std::size_t index) noexcept {
    const Place& place = places_[index];
    ColumnTarget target;
    std::byte* const begin = storage_.data() + place.offset;
    if (place.form == era::ColumnForm::plain) {
        target.values = reinterpret_cast<float*>(begin);
        return target;
    }
    for (unsigned plane = 0; plane < place.planes; ++plane) {
        target.planes[plane] = reinterpret_cast<std::uint64_t*>(begin + plane * plane_stride_);
    }
    return target;
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
        const std::byte* const begin = storage_.data() + place.offset;
        if (place.form == era::ColumnForm::plain) {
            std::memcpy(batch.values(block, i) + row, reinterpret_cast<const float*>(begin) + from,
                        rows * sizeof(float));
            continue;
        }
        std::uint64_t* target = batch.planes(block, i);
        for (unsigned plane = 0; plane < place.planes; ++plane) {
            copy_bits(reinterpret_cast<const std::uint64_t*>(begin + plane * plane_stride_), from,
                      target, row, rows);
            target += era::kBlockRows / 64;
        }
    }
}

}  // namespace erawise::decode
