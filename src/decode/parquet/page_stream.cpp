#include "decode/parquet/page_stream.h"

#include <lzma.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace erawise::decode {
namespace {

/// The least that is read from the file at a time.
constexpr std::size_t kMinInputBytes = 512;

}  // namespace

PageStream::Place PageStream::place_of(const ColumnChunk& chunk,
                                       const PageReader::Header& header) noexcept {
    const Codec codec = header.is_compressed ? chunk.codec : Codec::none;
    return {.begin = header.begin + header.header_bytes,
            .compressed_bytes = header.compressed_bytes,
            .uncompressed_bytes =
                codec == Codec::none ? header.compressed_bytes : header.uncompressed_bytes,
            .plain_bytes = header.front_bytes(),
            .codec = codec,
            .checksum = header.has_crc ? std::optional(header.crc) : std::nullopt};
}

bool PageStream::takes(const Place& place) noexcept {
    return (place.codec == Codec::none || place.codec == Codec::snappy) &&
           place.plain_bytes <= std::min(place.compressed_bytes, place.uncompressed_bytes);
}

void PageStream::open(const Place& place, const Mark& mark, std::size_t expected) {
    place_ = place;
    place_.plain_bytes = place.codec == Codec::none
                             ? place.uncompressed_bytes
                             : std::min(place.plain_bytes, place.uncompressed_bytes);
    crc_ = mark.crc;
    checked_ = mark.checked;
    input_step_ = std::clamp(expected, kMinInputBytes, kInputBytes);
    keeps_history_ = false;
    repeats_too_far_ = false;
    seek(mark);
}

PageStream::Mark PageStream::mark() const noexcept {
    return {.position = position_,
            .input = input_position(),
            .literal_left = literal_left_,
            .block_position = block_position_,
            .block_input = block_input_,
            .checked = checked_,
            .crc = crc_,
            .has_length = has_length_,
            .is_within_copy = copy_left_ > 0};
}

/// All but the checksum, which goes on from where it is.
void PageStream::seek(const Mark& mark) {
    position_ = mark.position;
    next_ = mark.input;
    input_size_ = 0;
    input_at_ = 0;
    has_length_ = mark.has_length;
    literal_left_ = mark.literal_left;
    copy_left_ = 0;
    block_position_ = mark.block_position;
    block_input_ = mark.block_input;
    is_damaged_ = mark.is_within_copy && !go_back_for_history();
}

std::uint64_t PageStream::input_position() const noexcept {
    return next_ - (input_size_ - input_at_);
}

/// Bytes that were packed.
std::uint64_t PageStream::unpacked() const noexcept {
    return position_ - std::min(position_, place_.plain_bytes);
}

std::optional<std::uint32_t> PageStream::crc() const noexcept {
    return place_.checksum && checked_ == place_.compressed_bytes ? std::optional(crc_)
                                                                  : std::nullopt;
}

/// False at the end of the page.
bool PageStream::fill_input() {
    const auto wanted = static_cast<std::size_t>(
        std::min<std::uint64_t>(place_.compressed_bytes - next_, input_step_));
    if (input_.size() < wanted + kPagePadding) {
        input_.resize(input_step_ + kPagePadding);
    }
    input_size_ = file_.read(place_.begin + next_, std::span(input_).first(wanted));
    input_at_ = 0;
    const std::uint64_t end = next_ + input_size_;
    if (place_.checksum &&
        end > checked_) {  // what is read a second time is in the checksum already
        const auto known = static_cast<std::size_t>(checked_ - next_);
        crc_ = lzma_crc32(reinterpret_cast<const std::uint8_t*>(input_.data()) + known,
                          input_size_ - known, crc_);
        checked_ = end;
    }
    next_ = end;
    return input_size_ > 0;
}

bool PageStream::take_input(char* target, std::size_t size) {
    while (size > 0) {
        if (input_at_ == input_size_ && !fill_input()) {
            return false;
        }
        const std::size_t count = std::min(size, input_size_ - input_at_);
        std::memcpy(target, input_.data() + input_at_, count);
        input_at_ += count;
        target += count;
        size -= count;
    }
    return true;
}

std::span<const char> PageStream::ready() const noexcept {
    const std::uint64_t plain = place_.plain_bytes - std::min(place_.plain_bytes, position_);
    const std::uint64_t count =
        std::min<std::uint64_t>(plain > 0 ? plain : literal_left_, input_size_ - input_at_);
    return {input_.data() + input_at_, static_cast<std::size_t>(count)};
}

void PageStream::take(std::size_t count) {
    if (position_ >= place_.plain_bytes) {
        literal_left_ -= count;
        remember(input_.data() + input_at_, count);
    }
    input_at_ += count;
    position_ += count;
}

bool PageStream::skip(std::uint64_t count) {
    std::array<char, 4096> passed;
    while (count > 0) {
        const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(count, passed.size()));
        if (!read(std::span(passed).first(step))) {
            return false;
        }
        count -= step;
    }
    return true;
}

void PageStream::finish(const PageReader& pages, const ParquetColumn& column, std::uint64_t page) {
    if (!skip(left()) || input_position() != place_.compressed_bytes) {
        pages.fail(column, page, kDoesNotUnpack);
    }
    if (crc() != place_.checksum) {
        pages.fail_checksum(column, page, *crc(), *place_.checksum);
    }
}

bool PageStream::read(std::span<char> buffer) {
    if (buffer.size() > left() || is_damaged_) {
        return false;
    }
    while (!buffer.empty()) {
        std::size_t done = 0;
        if (!read_part(buffer, done)) {
            return false;
        }
        buffer = buffer.subspan(done);
        position_ += done;
    }
    return true;
}

/// Plain bytes, or those of an element, as far as there is room for them.
/// https://github.com/google/snappy/blob/main/format_description.txt
bool PageStream::read_part(std::span<char> buffer, std::size_t& done) {
    const auto most = [&](std::uint64_t bytes) {
        return static_cast<std::size_t>(std::min<std::uint64_t>(bytes, buffer.size()));
    };
    if (position_ < place_.plain_bytes) {
        done = most(place_.plain_bytes - position_);
        return take_input(buffer.data(), done);
    }
    if (literal_left_ == 0 && copy_left_ == 0 && !next_element()) {
        return false;
    }
    if (literal_left_ > 0) {
        done = most(literal_left_);
        if (!take_input(buffer.data(), done)) {
            return false;
        }
        remember(buffer.data(), done);
        literal_left_ -= done;
        return true;
    }
    if (!keeps_history_ && !go_back_for_history()) {
        return false;
    }
    repeats_too_far_ =
        copy_distance_ > std::min<std::uint64_t>(unpacked() - history_begin_, kHistoryBytes);
    if (repeats_too_far_) {
        return false;
    }
    done = most(copy_left_);
    repeat(buffer.data(), done);
    copy_left_ -= done;
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
    if (unpacked() % kHistoryBytes == 0) {
        block_position_ = position_;
        block_input_ = input_position();
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
    return distance > 0 && distance <= unpacked();
}

/// Unpacks the block at hand from its beginning up to where it is now; the element at hand is the
/// same afterwards. From then on what is unpacked is kept.
bool PageStream::go_back_for_history() {
    const std::uint64_t position = position_;
    seek({.position = block_position_,
          .input = block_input_,
          .literal_left = 0,
          .block_position = block_position_,
          .block_input = block_input_,
          .checked = 0,
          .crc = 0,
          .has_length = true,
          .is_within_copy = false});
    history_.resize(kHistoryBytes);
    keeps_history_ = true;
    history_begin_ = unpacked();
    return skip(position - position_) && (literal_left_ > 0 || copy_left_ > 0 || next_element());
}

void PageStream::remember(const char* bytes, std::size_t size) {
    if (!keeps_history_) {
        return;
    }
    const std::uint64_t begin = unpacked();
    for (std::size_t done = size - std::min(size, kHistoryBytes); done < size;) {
        const auto at = static_cast<std::size_t>((begin + done) % kHistoryBytes);
        const std::size_t count = std::min(size - done, kHistoryBytes - at);
        std::memcpy(history_.data() + at, bytes + done, count);
        done += count;
    }
}

/// Byte by byte: what is repeated may be what was just written.
void PageStream::repeat(char* target, std::size_t size) {
    const std::uint64_t begin = unpacked();
    for (std::size_t i = 0; i < size; ++i) {
        target[i] = history_[(begin + i - copy_distance_) % kHistoryBytes];
        history_[(begin + i) % kHistoryBytes] = target[i];
    }
}

}  // namespace erawise::decode
