#include "decode/parquet/row_labels.h"

#include <fmt/format.h>

#include <algorithm>

#include "decode/decoder.h"
#include "decode/parquet/memory.h"
#include "util/error.h"

namespace erawise::decode {

void RowLabels::select(std::span<const ParquetColumn> columns, const ChosenColumns& choice,
                       const std::string& data_type, PageLimits limits) {
    const auto open = [&](const std::optional<std::uint32_t>& index) {
        return index ? std::make_unique<TextColumn>(file_, columns[*index], limits) : nullptr;
    };
    ids_ = open(choice.ids);
    eras_ = open(choice.eras);
    data_types_ = open(choice.data_types);
    data_type_ = data_type;
}

std::array<TextColumn*, 3> RowLabels::columns() const {
    return {ids_.get(), eras_.get(), data_types_.get()};
}

void RowLabels::set_limits(PageLimits limits) {
    for (TextColumn* const texts : columns()) {
        if (texts != nullptr) {
            texts->set_limits(limits);
        }
    }
}

void RowLabels::open(std::span<const ColumnChunk> chunks) {
    std::size_t next = 0;
    for (TextColumn* const texts : columns()) {
        if (texts != nullptr) {
            texts->open(chunks[next++]);
        }
    }
}

TextFacts RowLabels::look_at_pages() const {
    TextFacts facts;
    for (TextColumn* const texts : columns()) {
        if (texts == nullptr) {
            continue;
        }
        const TextColumn::Probe probe = texts->probe();
        facts.bytes += 2 * probe.dictionary_bytes + TextColumn::kLargePageBytes / 8 +
                       std::min(probe.page_bytes, TextColumn::kLargePageBytes) + probe.stream_bytes;
        if (probe.page_bytes > TextColumn::kLargePageBytes) {
            facts.large_bytes += probe.page_bytes;
            facts.largest_page_bytes = std::max(facts.largest_page_bytes, probe.page_bytes);
        }
    }
    return facts;
}

/// What the plan has for ids, of 16 characters, and for runs of eras.
bool RowLabels::has_room(std::size_t window_rows) const noexcept {
    constexpr std::size_t kEnoughRuns = 4096;
    const std::size_t enough =
        std::max(window_rows, ParquetMemory::kMinWindowRows) * kIdBytesPerRow / 2;
    return window_ids_.bytes() < enough && runs_.size() < kEnoughRuns;
}

std::size_t RowLabels::read(std::size_t first, std::size_t rows, std::size_t window_rows,
                            std::uint64_t file_row) {
    std::size_t count = 0;
    for (; count < rows && has_room(window_rows); ++count) {
        read_row(first + count, file_row + first + count);
    }
    return count;
}

void RowLabels::read_row(std::size_t row, std::uint64_t file_row) {
    const bool is_kept = !data_types_ || data_types_->next() == data_type_;
    const std::string_view id = read_text(*ids_, "id", kMaxIdBytes, file_row);
    const std::string_view era =
        eras_ ? read_text(*eras_, "era", kMaxEraBytes, file_row) : std::string_view("all");
    if (is_kept) {
        append(era, row);
        window_ids_.push_back(id);
    }
}

std::string_view RowLabels::read_text(TextColumn& column, std::string_view name, std::size_t most,
                                      std::uint64_t file_row) {
    const std::optional<std::string_view> text = column.next();
    if (!text) {
        fail(name, file_row, fmt::format("a row without an {}", name));
    }
    if (text->size() > most) {
        fail(name, file_row,
             fmt::format("a text of {} bytes, {} are the most", text->size(), most));
    }
    return *text;
}

void RowLabels::append(std::string_view era, std::size_t row) {
    if (!runs_.empty()) {
        Run& last = runs_.back();
        if (last.first + last.rows == row && last.era == era) {
            ++last.rows;
            return;
        }
    }
    runs_.push_back({std::string(era), row, 1});
}

void RowLabels::clear() noexcept {
    runs_.clear();
    run_ = 0;
    window_ids_.clear();
    next_id_ = 0;
}

std::size_t RowLabels::rows_for(const era::EraBatch& batch) const {
    const std::size_t capacity = batch.row_capacity();
    const std::size_t rows = std::min(run().rows, capacity - batch.rows());
    const std::size_t enough = std::min(capacity, ParquetMemory::kMinWindowRows) * kIdBytesPerRow;
    std::size_t bytes = batch.ids.bytes();
    std::size_t count = 0;
    while (count < rows && bytes < enough) {
        bytes += window_ids_[next_id_ + count].size() + sizeof(std::uint32_t);
        ++count;
    }
    return count;
}

void RowLabels::take(std::size_t rows, era::RowIds& ids) {
    for (std::size_t i = 0; i < rows; ++i) {
        ids.push_back(window_ids_[next_id_++]);
    }
    Run& run = runs_[run_];
    run.first += rows;
    run.rows -= rows;
    run_ += run.rows == 0 ? 1 : 0;
}

void RowLabels::fail(std::string_view column, std::uint64_t file_row, std::string_view what) const {
    throw util::Error(util::ErrorKind::data, fmt::format("{}: column '{}', row {}: {}",
                                                         file_.name(), column, file_row + 1, what));
}

}  // namespace erawise::decode
