#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <string_view>
#include <vector>

namespace erawise::infer {

/// Reads a text of lines `key=value value ...` piece by piece: lines may be as long as they like,
/// and are never in memory as a whole.
///
/// Views are valid until the next call. Memory: kBufferBytes.
class LineScanner {
  public:
    explicit LineScanner(std::istream& stream) : stream_(stream), buffer_(kBufferBytes) {}

    /// Goes to the next line that is not empty, over what is left of the present one; false at the
    /// end of the text.
    bool next_line();

    /// The line up to its first '=', which is consumed; the whole line when there is none.
    std::string_view key() { return take_until('='); }

    /// The rest of the line.
    std::string_view rest() { return take_until('\n'); }

    /// The next of the values, which stand apart by single spaces; false at the end of the line.
    bool next_value(std::string_view& value);

    /// The next value as a number, where it is one; else false, and next_value() has it, or the end
    /// of the line.
    template <typename Number>
    bool next_number(Number& number) {
        if (end_ - begin_ < kLongestNumber) {
            refill();
        }
        const char* const first = buffer_.data() + begin_;
        const char* const last = buffer_.data() + end_;
        const auto [behind, error] = std::from_chars(first, last, number);
        if (error != std::errc{} || behind == last || (*behind != ' ' && *behind != '\n')) {
            return false;
        }
        begin_ += static_cast<std::size_t>(behind - first) + (*behind == ' ' ? 1 : 0);
        return true;
    }

    /// Lines that were begun, so that the first one is 1.
    [[nodiscard]] std::uint64_t line() const noexcept { return line_; }

    /// Whether the last piece was longer than kLongestPiece; it was cut there.
    [[nodiscard]] bool is_too_long() const noexcept { return is_too_long_; }

    static constexpr std::size_t kBufferBytes = 256 * 1024;
    static constexpr std::size_t kLongestPiece = 64 * 1024;
    static constexpr std::size_t kLongestNumber = 1024;  ///< longer ones are read piece by piece

  private:
    std::string_view take_until(char delimiter);
    void skip_line();
    bool refill();

    std::istream& stream_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t line_ = 0;
    std::uint64_t line_feeds_ = 0;
    bool is_too_long_ = false;
};

}  // namespace erawise::infer
