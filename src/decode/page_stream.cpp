#include "decode/page_stream.h"

#include <lzma.h>

#include <algorithm>
#include <cstring>

namespace erawise::decode {
namespace {

constexpr std::size_t kInputBytes = 64 * 1024;

/// Snappy's writers pack blocks of 64 KiB, each by itself.
constexpr std::size_t kHistoryBytes = 64 * 1024;

}  // namespace

bool PageStream::takes(Codec codec) noexcept {
    return codec == Codec::none || codec == Codec::snappy;
}

PageStream::PageStream(const RandomFile& file, Codec codec, const Place& place)
    : file_(file),
      is_snappy_(codec == Codec::snappy),
      next_(place.begin),
      input_left_(place.compressed_bytes),
      plain_left_(std::min(place.plain_bytes, place.uncompressed_bytes)),
      left_(place.uncompressed_bytes),
      history_(is_snappy_ ? kHistoryBytes : 0) {}

std::optional<std::uint32_t> PageStream::crc() const noexcept {
    const bool is_used_up = input_left_ == 0 && input_at_ == input_.size();
    return is_used_up ? std::optional(crc_) : std::nullopt;
}

/// False at the end of the page.
bool PageStream::fill_input() {
    input_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(input_left_, kInputBytes)));
    input_.resize(file_.read(next_, input_));
    input_at_ = 0;
    next_ += input_.size();
    input_left_ -= input_.size();
    crc_ = lzma_crc32(reinterpret_cast<const std::uint8_t*>(input_.data()), input_.size(), crc_);
    return !input_.empty();
}

bool PageStream::take_input(char* target, std::size_t size) {
    while (size > 0) {
        if (input_at_ == input_.size() && !fill_input()) {
            return false;
        }
        const std::size_t count = std::min(size, input_.size() - input_at_);
        std::memcpy(target, input_.data() + input_at_, count);
        input_at_ += count;
        target += count;
        size -= count;
    }
    return true;
}

bool PageStream::read(std::span<char> buffer) {
    if (buffer.size() > left_) {
        return false;
    }
    left_ -= buffer.size();
    const auto plain = static_cast<std::size_t>(
        is_snappy_ ? std::min<std::uint64_t>(plain_left_, buffer.size()) : buffer.size());
    plain_left_ -= std::min<std::uint64_t>(plain_left_, plain);
    return take_input(buffer.data(), plain) &&
           (plain == buffer.size() || read_snappy(buffer.subspan(plain)));
}

/// https://github.com/google/snappy/blob/main/format_description.txt
bool PageStream::read_snappy(std::span<char> buffer) {
    while (!buffer.empty()) {
        std::size_t count = 0;
        if (literal_left_ > 0) {
            count = static_cast<std::size_t>(std::min<std::uint64_t>(literal_left_, buffer.size()));
            if (!take_input(buffer.data(), count)) {
                return false;
            }
            remember(buffer.data(), count);
            literal_left_ -= count;
        } else if (copy_left_ > 0) {
            count = static_cast<std::size_t>(std::min<std::uint64_t>(copy_left_, buffer.size()));
            repeat(buffer.data(), count);
            copy_left_ -= count;
        } else if (!next_element()) {
            return false;
        }
        buffer = buffer.subspan(count);
    }
    return true;
}

/// A little-endian number.
bool PageStream::number(unsigned bytes, std::uint32_t& value) {
    value = 0;
    for (unsigned i = 0; i < bytes; ++i) {
        char byte = 0;
        if (!take_input(&byte, 1)) {
            return false;
        }
        value |= std::uint32_t{static_cast<std::uint8_t>(byte)} << (8 * i);
    }
    return true;
}

bool PageStream::next_element() {
    std::uint32_t tag = 0;
    while (!has_length_) {  // seven bits a byte; the page's header has the same number
        if (!number(1, tag)) {
            return false;
        }
        has_length_ = (tag & 0x80) == 0;
    }
    if (!number(1, tag)) {
        return false;
    }
    std::uint32_t distance = 0;
    switch (tag & 3) {
        case 0: {
            std::uint32_t size = tag >> 2;
            if (size >= 60 && !number(size - 59, size)) {
                return false;
            }
            literal_left_ = std::uint64_t{size} + 1;
            return true;
        }
        case 1:
            copy_left_ = 4 + ((tag >> 2) & 7);
            if (!number(1, distance)) {
                return false;
            }
            distance |= tag >> 5 << 8;
            break;
        default:
            copy_left_ = 1 + (tag >> 2);
            if (!number((tag & 3) == 2 ? 2 : 4, distance)) {
                return false;
            }
    }
    copy_distance_ = distance;
    return distance > 0 && distance <= std::min<std::uint64_t>(unpacked_, kHistoryBytes);
}

void PageStream::remember(const char* bytes, std::size_t size) {
    const std::size_t skipped = size - std::min(size, kHistoryBytes);
    unpacked_ += skipped;
    for (std::size_t done = skipped; done < size;) {
        const auto at = static_cast<std::size_t>(unpacked_ % kHistoryBytes);
        const std::size_t count = std::min(size - done, kHistoryBytes - at);
        std::memcpy(history_.data() + at, bytes + done, count);
        unpacked_ += count;
        done += count;
    }
}

/// Byte by byte: what is repeated may be what was just written.
void PageStream::repeat(char* target, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        target[i] = history_[(unpacked_ - copy_distance_) % kHistoryBytes];
        history_[unpacked_ % kHistoryBytes] = target[i];
        ++unpacked_;
    }
}

}  // namespace erawise::decode
