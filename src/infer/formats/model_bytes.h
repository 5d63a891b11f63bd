#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <istream>
#include <string>
#include <vector>

namespace erawise::infer {

/// What is wrong with a model document.
struct BrokenDocument {
    std::string what;
};

/// The taker of events wants no more of the document, and knows why.
struct RefusedDocument {};

inline void require_accepted(bool accepted) {
    if (!accepted) {
        throw RefusedDocument();
    }
}

/// Longer texts are cut here: what a model says of itself is shorter.
inline constexpr std::size_t kLongestText = std::size_t{1} << 20;

/// The bytes of a document, from where the stream stands. Holds a buffer of 64 KiB, whatever the
/// document claims. Throws BrokenDocument where the stream ends too early.
class ModelBytes {
  public:
    explicit ModelBytes(std::istream& stream) : stream_(stream), buffer_(kBufferBytes) {
        const std::streamoff place = stream.tellg();
        begin_ = place > 0 ? static_cast<std::uint64_t>(place) : 0;
    }

    char next() {
        if (at_ == end_) {
            fill(1);
        }
        return buffer_[at_++];
    }

    /// The next byte, which stays the next one; -1 at the end.
    int peek() {
        if (at_ == end_ && !refill()) {
            return -1;
        }
        return static_cast<unsigned char>(buffer_[at_]);
    }

    /// `size` bytes in one piece, at most the buffer's.
    const char* next(std::size_t size) {
        if (end_ - at_ < size) {
            fill(size);
        }
        at_ += size;
        return buffer_.data() + (at_ - size);
    }

    void skip(std::uint64_t size) {
        while (size > end_ - at_) {
            size -= end_ - at_;
            at_ = end_;
            fill(1);
        }
        at_ += static_cast<std::size_t>(size);
    }

    /// In the file.
    [[nodiscard]] std::uint64_t position() const noexcept { return begin_ + at_; }

  private:
    static constexpr std::size_t kBufferBytes = 64 * 1024;

    bool refill() {
        std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
        begin_ += at_;
        end_ -= at_;
        at_ = 0;
        stream_.read(buffer_.data() + end_, static_cast<std::streamsize>(kBufferBytes - end_));
        end_ += static_cast<std::size_t>(stream_.gcount());
        return end_ > 0;
    }

    void fill(std::size_t needed) {
        refill();
        if (end_ < needed) {
            throw BrokenDocument{"the document ends early"};
        }
    }

    std::istream& stream_;
    std::vector<char> buffer_;
    std::uint64_t begin_ = 0;  ///< of the buffer, in the file
    std::size_t at_ = 0;
    std::size_t end_ = 0;
};

/// Has a reader of a whole document do its work. What is wrong with the document, or that the taker
/// of events wants no more of it, is told there with the byte.
template <typename Reader, typename Events>
void read_document(Reader& reader, Events& events) {
    try {
        reader.document();
    } catch (const RefusedDocument&) {
        events.fail(fmt::format("byte {} cannot be read", reader.position()));
    } catch (const BrokenDocument& broken) {
        events.fail(fmt::format("broken at byte {}: {}", reader.position(), broken.what));
    }
}

}  // namespace erawise::infer
