#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "decode/byte_source.h"

namespace erawise::decode {

/// Text that is scanned at a time. Fits the second-level cache together with its separators, and
/// holds dozens of rows of the widest files.
inline constexpr std::size_t kTextBytes = 128 * 1024;

/// A row may be as long as this, with its line feed: 3600 columns with names take 150 KB. A longer
/// one is no CSV of rows and columns, and must not make the buffer grow without bound.
inline constexpr std::size_t kMaxRowBytes = 4 * 1024 * 1024;

/// The rows of a CSV text (RFC 4180), one at a time, as pandas.read_csv divides it: a byte order
/// mark, quoted fields, CRLF, a last line without line feed; blank lines are skipped. A carriage
/// return that stands alone, and a quote that is never closed, are Error(data), and so is text that
/// begins as another format does.
class CsvText {
  public:
    /// `name` stands in messages. Rows longer than `max_row_bytes`, of which kTextBytes are always
    /// there, are Error(data).
    CsvText(std::unique_ptr<ByteSource> source, std::string name,
            std::size_t max_row_bytes = kMaxRowBytes);

    /// Goes to the next row. False at the end.
    bool next_row();

    /// Where the reader stands among the rows that are in memory.
    struct RowPosition {
        std::size_t row;
        std::uint64_t line;
    };
    [[nodiscard]] RowPosition position() const noexcept { return {row_, next_line_}; }

    /// Goes to the next row that is in memory already, blank ones too. False when there is none.
    bool preview_row() noexcept;

    /// Takes back the calls of preview_row() since `position`.
    void return_to(RowPosition position) noexcept {
        row_ = position.row;
        next_line_ = position.line;
    }

    /// Makes next_row() stay on the row it is at: the next call gives this row again.
    void repeat_row() noexcept { repeat_ = true; }

    [[nodiscard]] std::size_t fields() const noexcept { return fields_; }

    /// Field `index` with quotes removed. Valid until the next call of field() or next_row().
    [[nodiscard]] std::string_view field(std::size_t index);

    /// The bytes of the field as they stand: no quotes in them when `has_quotes()` is false. At
    /// least 8 bytes may be read from its start.
    [[nodiscard]] std::string_view raw_field(std::size_t index) const noexcept {
        const std::uint32_t begin = ends_[index] + 1;  // wraps to 0 before the first field
        const std::uint32_t end = ends_[index + 1] - (index + 1 == fields_ ? carriage_return_ : 0);
        return {text_.get() + begin, end - begin};
    }
    [[nodiscard]] bool has_quotes() const noexcept { return has_quotes_; }

    /// Where the row begins: 1 is the first line of the file.
    [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
    /// Of the row's first byte, in the decoded text.
    [[nodiscard]] std::uint64_t byte_offset() const noexcept {
        return text_offset_ + static_cast<std::uint32_t>(ends_[0] + 1);
    }
    /// "NAME: line 17 (byte 1234 of the decoded text)".
    [[nodiscard]] std::string place() const;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const ByteSource& source() const noexcept { return *source_; }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

  private:
    bool refill();
    void grow();
    void look_at_begin();
    void scan();
    void take_row() noexcept;
    [[nodiscard]] std::uint64_t lines_of_row() const noexcept;
    [[noreturn]] void fail_lone_return() const;
    [[noreturn]] void fail_open_quote() const;

    std::unique_ptr<ByteSource> source_;
    std::string name_;
    std::size_t max_row_bytes_;
    std::string unquoted_;

    std::size_t capacity_ = 0;
    std::unique_ptr<char[]> text_;
    std::unique_ptr<std::uint32_t[]> separators_;  ///< [0] is "before the text", then positions
    std::unique_ptr<std::uint32_t[]> row_ends_;
    std::size_t size_ = 0;
    std::size_t rows_ = 0;
    std::size_t row_ = 0;
    bool end_of_source_ = false;
    bool has_quotes_ = false;
    bool repeat_ = false;

    const std::uint32_t* ends_ = nullptr;  ///< of the row: ends_[0] is the end of the row before
    std::size_t fields_ = 0;
    std::uint32_t carriage_return_ = 0;  ///< 1 when the row ends in CRLF
    std::uint64_t text_offset_ = 0;
    std::uint64_t line_ = 0;
    std::uint64_t next_line_ = 1;  ///< where the next row begins
    bool at_begin_ = true;         ///< nothing was read yet
};

}  // namespace erawise::decode
