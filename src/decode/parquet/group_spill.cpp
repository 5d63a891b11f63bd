#include "decode/parquet/group_spill.h"

#include <algorithm>

namespace erawise::decode {
namespace {

/// What `rows` rows of the columns take in the file: no slack.
std::uint64_t image_bytes(std::span<const era::BlockLayout::Column> columns, std::size_t rows) {
    std::uint64_t bytes = 0;
    for (const era::BlockLayout::Column& column : columns) {
        bytes +=
            column.form == era::ColumnForm::plain ? rows * sizeof(float) : column.planes * rows / 8;
    }
    return bytes;
}

}  // namespace

std::size_t GroupSpill::padded_rows(std::uint64_t rows) noexcept {
    return static_cast<std::size_t>((rows + era::kBlockRows - 1) / era::kBlockRows *
                                    era::kBlockRows);
}

GroupSpill::GroupSpill(const std::filesystem::path& folder, std::uint64_t rows)
    : padded_(padded_rows(rows)), rows_(rows), features_(folder) {
    for (int i = 0; i < 3; ++i) {
        texts_.push_back(std::make_unique<SpillFile>(folder));
    }
}

void GroupSpill::write_texts(std::span<TextColumn* const> texts, std::span<char> memory) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i] != nullptr && texts[i]->probe().page_bytes > TextColumn::kLargePageBytes) {
            texts[i]->spill(*texts_.at(i), rows_, memory);
        }
    }
}

bool GroupSpill::write_features(const era::BlockLayout& layout, std::size_t window_rows,
                                std::span<std::byte> memory, const DecodeColumns& decode) {
    image_bytes_ = image_bytes(layout.columns, window_rows);
    std::uint64_t image_offset = 0;
    std::vector<ColumnTarget> targets;
    for (std::size_t first = 0; first < layout.columns.size(); first += targets.size()) {
        targets.clear();
        std::size_t used = 0;
        for (std::size_t i = first; i < layout.columns.size(); ++i) {
            const std::size_t bytes = PlaneWindow::column_bytes(layout.columns[i], padded_);
            if (bytes > memory.size() - used) {
                break;
            }
            targets.push_back(
                PlaneWindow::column_at(layout.columns[i], memory.data() + used, padded_));
            used += bytes;
        }
        if (!decode(first, targets)) {
            return false;
        }
        const std::span columns = std::span(layout.columns).subspan(first, targets.size());
        write_images(columns, targets, window_rows, image_offset);
        image_offset += image_bytes(columns, window_rows);
        features_.start_writing();
    }
    bytes_ = image_bytes_ * ((rows_ + window_rows - 1) / window_rows);
    return true;
}

/// The columns' part of every window, `offset` bytes behind where a full window begins.
void GroupSpill::write_images(std::span<const era::BlockLayout::Column> columns,
                              std::span<const ColumnTarget> targets, std::size_t window_rows,
                              std::uint64_t offset) {
    std::vector<iovec> parts;
    for (std::size_t from = 0; from < padded_; from += window_rows) {
        const std::size_t count = std::min(window_rows, padded_ - from);
        parts.clear();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            PlaneWindow::append_parts(columns[i], targets[i], from, count, parts);
        }
        // The last image is shorter, in all its columns alike.
        features_.write(from / window_rows * image_bytes_ + offset * count / window_rows, parts);
    }
}

void GroupSpill::read(const era::BlockLayout& layout, PlaneWindow& window, std::uint64_t row) {
    const std::size_t window_rows = window.capacity();
    const std::size_t count = std::min<std::size_t>(window_rows, padded_ - row);
    std::vector<iovec> parts;
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
        PlaneWindow::append_parts(layout.columns[i], window.column(i), 0, count, parts);
    }
    const std::uint64_t offset = row / window_rows * image_bytes_;
    features_.read(offset, parts);
    features_.discard(offset, image_bytes_);
}

}  // namespace erawise::decode
