#include "decode/parquet/text_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace erawise::decode {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;

/// No id is as long; what claims to be is damage, and must not allocate.
constexpr std::size_t kMaxTextBytes = 1024 * 1024;

}  // namespace

std::uint64_t TextStream::memory_bytes(std::uint32_t rows) noexcept {
    return sizeof(TextStream) + PageStream::kInputBytes + PageStream::kHistoryBytes +
           2 * kBufferBytes + rows / 8 + kPagePadding;
}

bool TextStream::takes(const ParquetColumn& column, const ColumnChunk& chunk,
                       const PageReader::Header& header) noexcept {
    return header.kind == PageKind::data && header.encoding == Encoding::plain &&
           column.type == PhysicalType::byte_array &&
           !(header.has_plain_levels && column.is_optional) &&
           PageStream::takes(PageStream::place_of(chunk, header));
}

TextStream::TextStream(const RandomFile& file, const PageReader& pages, const ParquetColumn& column,
                       const ColumnChunk& chunk, const PageReader::Header& header)
    : pages_(pages), column_(column), header_(header), stream_(file) {
    stream_.open(PageStream::place_of(chunk, header));
}

void TextStream::open_levels() {
    is_open_ = true;
    if (header_.is_v2) {
        pass_over(column_.is_optional ? header_.repetition_bytes : header_.front_bytes());
        read_levels(column_.is_optional ? header_.level_bytes : 0);
    } else if (column_.is_optional) {
        std::uint32_t size = 0;
        std::memcpy(&size, take(sizeof size), sizeof size);
        read_levels(size);
    }
}

void TextStream::fail(const std::string& what) const {
    pages_.fail(column_, header_.begin, what);
}

void TextStream::pass_over(std::uint64_t bytes) {
    while (bytes > 0) {
        const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kBufferBytes));
        take(step);
        bytes -= step;
    }
}

/// One bit a row at most, and the lengths of the runs.
void TextStream::read_levels(std::size_t bytes) {
    if (bytes > std::size_t{header_.rows} + kPagePadding ||
        bytes > stream_.left() + buffer_.size()) {
        fail("its levels are longer than the page");
    }
    for (std::size_t done = 0; done < bytes;) {  // damage must not allocate
        const std::size_t count = std::min(bytes - done, kBufferBytes);
        const char* const more = take(count);
        level_bytes_.insert(level_bytes_.end(), more, more + count);
        done += count;
    }
    level_bytes_.resize(bytes + kPagePadding);
    levels_ = HybridRuns(std::span<const char>(level_bytes_).first(bytes), 1);
}

/// The next bytes of the page, valid until the next call.
const char* TextStream::take(std::size_t bytes) {
    if (buffer_.size() - at_ < bytes) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
        at_ = 0;
        const std::size_t kept = buffer_.size();
        const std::size_t wanted = std::max(bytes, kBufferBytes) - kept;
        const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, stream_.left()));
        if (kept + more < bytes) {
            fail("its values are damaged, or fewer than its rows");
        }
        buffer_.resize(kept + more);
        if (!stream_.read(std::span(buffer_).subspan(kept))) {
            fail(kDoesNotUnpack);
        }
    }
    const char* const begin = buffer_.data() + at_;
    at_ += bytes;
    return begin;
}

bool TextStream::next_is_defined() {
    if (!column_.is_optional) {
        return true;
    }
    if (level_run_.count == 0) {
        level_run_ = levels_.next(header_.rows);
        if (level_run_.count == 0) {
            fail("its levels are damaged");
        }
    }
    --level_run_.count;
    return (level_run_.kind == HybridRuns::Kind::repeated
                ? level_run_.value
                : packed_value(level_run_.bytes, level_run_.first++, 1)) == 1;
}

std::optional<std::string_view> TextStream::next() {
    if (!is_open_) {
        open_levels();
    }
    if (!next_is_defined()) {
        return std::nullopt;
    }
    std::uint32_t size = 0;
    std::memcpy(&size, take(sizeof size), sizeof size);
    if (size > kMaxTextBytes) {
        fail(fmt::format("a text of {} bytes", size));
    }
    return std::string_view(take(size), size);
}

void TextStream::finish() {
    stream_.finish(pages_, column_, header_.begin);
}

}  // namespace erawise::decode
