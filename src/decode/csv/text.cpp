#include "decode/csv/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "decode/csv/kernels.h"
#include "decode/csv/quotes.h"
#include "decode/foreign_format.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::decode {

namespace {

bool is_blank(std::string_view line) noexcept {
    return line.find_first_not_of(" \t") == std::string_view::npos;
}

util::Error data_error(std::string message) {
    return {util::ErrorKind::data, std::move(message)};
}

}  // namespace

CsvText::CsvText(std::unique_ptr<ByteSource> source, std::string name, std::size_t max_row_bytes)
    : source_(std::move(source)),
      name_(std::move(name)),
      max_row_bytes_(std::max(max_row_bytes, kTextBytes)) {
    grow();
}

void CsvText::grow() {
    if (capacity_ == max_row_bytes_) {
        throw data_error(fmt::format(
            "{}: line {} is longer than {}: this is no CSV file of rows and columns, or a quote is "
            "not closed",
            name_, next_line_, util::format_byte_size(max_row_bytes_)));
    }
    const std::size_t capacity = std::min(std::max(kTextBytes, 2 * capacity_), max_row_bytes_);
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
        if (fields_ != 1 || !is_blank(raw_field(0))) {
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
    line_ = next_line_;
    next_line_ += lines_of_row();
    const std::uint32_t last_begin = ends_[fields_ - 1] + 1;
    const std::uint32_t last_end = ends_[fields_];
    carriage_return_ = last_end > last_begin && text_[last_end - 1] == '\r' ? 1 : 0;
}

/// Quoted fields may go over several.
std::uint64_t CsvText::lines_of_row() const noexcept {
    if (!has_quotes_) {
        return 1;
    }
    const char* const begin = text_.get() + static_cast<std::uint32_t>(ends_[0] + 1);
    const char* const end = text_.get() + ends_[fields_];
    return 1 + static_cast<std::uint64_t>(std::count(begin, end, '\n'));
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
        if (at_begin_) {
            look_at_begin();
        }
        if (end_of_source_ && size_ > 0 && text_[size_ - 1] != '\n') {
            text_[size_++] = '\n';
        }
        scan();
    }
    return true;
}

void CsvText::look_at_begin() {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    at_begin_ = false;
    const std::string_view begin(text_.get(), size_);
    if (const auto foreign = foreign_text(begin.substr(0, kForeignBytes)); !foreign.empty()) {
        throw data_error(fmt::format("{}: the text in it is {}", name_, foreign));
    }
    if (begin.starts_with(kByteOrderMark)) {
        text_offset_ = kByteOrderMark.size();
        size_ -= kByteOrderMark.size();
        std::memmove(text_.get(), text_.get() + kByteOrderMark.size(), size_);
    }
}

void CsvText::scan() {
    std::uint32_t* const separators = separators_.get() + 1;
    SeparatorCount count = scan_separators(text_.get(), size_, separators, row_ends_.get());
    if (count.has_odd_quotes) {
        count = scan_odd_quotes({text_.get(), size_}, separators, row_ends_.get());
    }
    rows_ = count.rows;
    has_quotes_ = count.has_quotes;
    if (count.has_lone_returns) {
        fail_lone_return();
    }
    if (end_of_source_ && count.ends_in_quotes) {
        fail_open_quote();
    }
}

void CsvText::fail_lone_return() const {
    const TextPlace place = find_lone_return({text_.get(), size_});
    if (next_line_ + place.lines == 1) {
        throw data_error(fmt::format(
            "{}: its lines end in carriage returns (CR) alone, as old Macintosh programs write "
            "them; convert them to line feeds (tr '\\r' '\\n')",
            name_));
    }
    throw data_error(fmt::format(
        "{}: line {}, field {}: a carriage return (CR) stands alone, where pandas would begin a "
        "new row; take it out, or put the field in quotes",
        name_, next_line_ + place.lines, place.fields + 1));
}

void CsvText::fail_open_quote() const {
    const TextPlace place = find_open_quote({text_.get(), size_});
    throw data_error(
        fmt::format("{}: line {}, field {}: the quote that opens there is never closed", name_,
                    next_line_ + place.lines, place.fields + 1));
}

std::string_view CsvText::field(std::size_t index) {
    const std::string_view raw = raw_field(index);
    return has_quotes_ ? unquoted(raw, unquoted_) : raw;
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
