#include "infer/formats/line_scanner.h"

#include <algorithm>
#include <cstring>

namespace erawise::infer {

/// Moves what is left to the front and reads behind it; false when nothing came.
bool LineScanner::refill() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    stream_.read(buffer_.data() + end_, static_cast<std::streamsize>(buffer_.size() - end_));
    const auto count = static_cast<std::size_t>(stream_.gcount());
    end_ += count;
    return count > 0;
}

void LineScanner::skip_line() {
    while (begin_ < end_ || refill()) {
        const void* found = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_);
        if (found != nullptr) {
            begin_ = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data()) + 1;
            ++line_feeds_;
            return;
        }
        begin_ = end_;
    }
}

bool LineScanner::next_line() {
    if (line_ > line_feeds_) {
        skip_line();
    }
    while (begin_ < end_ || refill()) {
        const char c = buffer_[begin_];
        if (c != '\n' && c != '\r') {
            line_ = line_feeds_ + 1;
            return true;
        }
        line_feeds_ += c == '\n' ? 1 : 0;
        ++begin_;
    }
    return false;
}

/// The delimiter is consumed; a line feed is not, and ends every piece.
std::string_view LineScanner::take_until(char delimiter) {
    std::size_t length = 0;
    while (true) {
        const char* const first = buffer_.data() + begin_;
        const std::size_t limit = std::min(end_ - begin_, kLongestPiece);
        while (length < limit && first[length] != delimiter && first[length] != '\n') {
            ++length;
        }
        if (begin_ + length < end_ || length == kLongestPiece || !refill()) {
            break;
        }
    }
    is_too_long_ = length == kLongestPiece;
    std::string_view piece(buffer_.data() + begin_, length);
    begin_ += length;
    if (begin_ < end_ && buffer_[begin_] == delimiter && delimiter != '\n') {
        ++begin_;
    }
    if (piece.ends_with('\r')) {
        piece.remove_suffix(1);
    }
    return piece;
}

bool LineScanner::next_value(std::string_view& value) {
    if ((begin_ == end_ && !refill()) || buffer_[begin_] == '\n') {
        return false;
    }
    value = take_until(' ');
    return !value.empty();
}

}  // namespace erawise::infer
