#include "decode/csv_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "decode/csv_kernels.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::decode {

CsvText::CsvText(std::unique_ptr<ByteSource> source, std::string name)
    : source_(std::move(source)), name_(std::move(name)) {
    grow();
}

void CsvText::grow() {
    const std::size_t capacity = std::max(kTextBytes, 2 * capacity_);
    if (capacity > kMaxRowBytes) {
        throw util::Error(util::ErrorKind::data,
                          fmt::format("{}: line {} is longer than {}; this is no CSV file of rows "
                                      "and columns, or a quote is not closed",
                                      name_, line_ + 1, util::format_byte_size(kMaxRowBytes / 2)));
    }
    auto text = std::make_unique_for_overwrite<char[]>(capacity + 1 + kScanPadding);
    std::copy_n(text_.get(), size_, text.get());
    text_ = std::move(text);
    // Untouched until they are needed: text with nothing but separators is the worst case.
    separators_ = std::make_unique_for_overwrite<std::uint32_t[]>(capacity + 2);
    row_ends_ = std::make_unique_for_overwrite<std::uint32_t[]>(capacity + 1);
    separators_[0] = static_cast<std::uint32_t>(-1);
    ends_ = separators_.get();
    capacity_ = capacity;
}

bool CsvText::next_row() {
    if (repeat_) {
        repeat_ = false;
        return true;
    }
    while (true) {
        if (row_ == rows_ && !refill()) {
            return false;
        }
        take_row();
        const bool is_blank = fields_ == 1 && raw_field(0).empty();
        if (!is_blank) {
            return true;
        }
    }
}

bool CsvText::preview_row() noexcept {
    if (row_ == rows_) {
        return false;
    }
    take_row();
    return true;
}

void CsvText::take_row() noexcept {
    const std::uint32_t first = row_ == 0 ? 0 : row_ends_[row_ - 1];
    fields_ = row_ends_[row_] - first;
    ends_ = separators_.get() + first;
    ++row_;
    ++line_;
    const std::uint32_t last_begin = ends_[fields_ - 1] + 1;
    const std::uint32_t last_end = ends_[fields_];
    carriage_return_ = last_end > last_begin && text_[last_end - 1] == '\r' ? 1 : 0;
}

bool CsvText::refill() {
    // The rest is a row that is not complete yet; it moves to the front and is scanned again.
    const std::size_t consumed =
        rows_ == 0 ? 0 : static_cast<std::uint32_t>(separators_[row_ends_[rows_ - 1]] + 1);
    std::memmove(text_.get(), text_.get() + consumed, size_ - consumed);
    size_ -= consumed;
    text_offset_ += consumed;
    rows_ = 0;
    row_ = 0;
    while (rows_ == 0) {
        if (end_of_source_) {
            return false;
        }
        if (size_ == capacity_) {
            grow();
        }
        const std::size_t room = capacity_ - size_;
        const std::size_t count = source_->read({text_.get() + size_, room});
        size_ += count;
        end_of_source_ = count < room;
        if (end_of_source_ && size_ > 0 && text_[size_ - 1] != '\n') {
            text_[size_++] = '\n';
        }
        scan();
    }
    return true;
}

void CsvText::scan() {
    const SeparatorCount count =
        scan_separators(text_.get(), size_, separators_.get() + 1, row_ends_.get());
    rows_ = count.rows;
    has_quotes_ = count.has_quotes;
    if (end_of_source_ && count.ends_in_quotes) {
        throw util::Error(util::ErrorKind::data,
                          fmt::format("{}: a quote that is opened behind line {} is never closed",
                                      name_, line_ + rows_));
    }
}

std::string_view CsvText::field(std::size_t index) {
    std::string_view raw = raw_field(index);
    if (!has_quotes_ || raw.size() < 2 || raw.front() != '"' || raw.back() != '"') {
        return raw;
    }
    raw = raw.substr(1, raw.size() - 2);
    if (!raw.contains("\"\"")) {
        return raw;
    }
    unquoted_.clear();
    for (std::size_t i = 0; i < raw.size(); ++i) {
        unquoted_.push_back(raw[i]);
        i += raw.substr(i).starts_with("\"\"") ? 1u : 0u;
    }
    return unquoted_;
}

std::string CsvText::place() const {
    return fmt::format("{}: line {} (byte {} of the decoded text)", name_, line_, byte_offset());
}

std::uint64_t CsvText::memory_bytes() const noexcept {
    // Of the separators and row ends only what is used is ever touched: numeric text has one
    // separator in three bytes at most.
    return capacity_ + capacity_ / 3 * sizeof(std::uint32_t);
}

}  // namespace erawise::decode
