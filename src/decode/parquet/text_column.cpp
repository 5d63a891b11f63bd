#include "decode/parquet/text_column.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "util/error.h"

namespace erawise::decode {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

/// In the spilled file each text has its length in front; a null has this one.
constexpr std::uint32_t kNull = UINT32_MAX;

}  // namespace

void TextColumn::open(const ColumnChunk& chunk) {
    chunk_ = chunk;
    next_page_ = chunk.begin;
    rows_left_ = 0;
    stream_.reset();
    spilled_ = nullptr;
}

TextColumn::Probe TextColumn::probe() {
    Probe probe;
    std::uint64_t offset = chunk_.begin;
    for (std::uint64_t rows = 0; rows < chunk_.values;) {
        const PageReader::Header header = pages_.read_header(column_, chunk_, offset);
        if (header.kind == PageKind::dictionary) {
            // The page, or else the entries: they are planned for twice, for both.
            const std::uint64_t page_bytes =
                std::max(header.uncompressed_bytes, header.compressed_bytes);
            probe.dictionary_bytes =
                std::max(page_bytes, TextDictionary::most_bytes(column_, header.rows, page_bytes));
        } else if (header.kind == PageKind::data) {
            if (is_streamed(header)) {
                probe.stream_bytes =
                    std::max(probe.stream_bytes, TextStream::memory_bytes(header.rows));
            } else {
                probe.page_bytes =
                    std::max(probe.page_bytes,
                             std::uint64_t{header.compressed_bytes} + header.uncompressed_bytes);
            }
            rows += header.rows;
        }
        offset = header.end();
    }
    return probe;
}

/// Texts on their way to a file, each with its length in front.
class TextColumn::SpillWriter {
  public:
    /// Fills `buffer` in between.
    SpillWriter(SpillFile& file, std::vector<char>& buffer) : file_(file), buffer_(buffer) {
        buffer_.clear();
        buffer_.reserve(kBufferBytes);
    }

    void add(std::optional<std::string_view> text) {
        const std::uint32_t size = text ? static_cast<std::uint32_t>(text->size()) : kNull;
        if (buffer_.size() + sizeof size + text.value_or("").size() > kBufferBytes) {
            flush();
        }
        append({reinterpret_cast<const char*>(&size), sizeof size});
        append(text.value_or(""));
    }

    void finish() {
        flush();
        file_.start_writing();
    }

  private:
    void append(std::string_view bytes) {
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    }
    void flush() {
        std::vector<iovec> parts = {{buffer_.data(), buffer_.size()}};
        file_.write(written_, parts);
        written_ += buffer_.size();
        buffer_.clear();
    }

    SpillFile& file_;
    std::vector<char>& buffer_;
    std::uint64_t written_ = 0;
};

void TextColumn::spill(SpillFile& file, std::uint64_t rows, std::span<char> memory) {
    pages_.borrow(memory);
    SpillWriter writer(file, buffer_);
    for (std::uint64_t row = 0; row < rows; ++row) {
        writer.add(next());
    }
    writer.finish();
    stream_.reset();
    pages_.borrow({});
    dictionary_ = {};
    spilled_ = &file;
    spilled_bytes_ = 0;
    at_ = 0;
}

/// Buffers are filled from the file where a text does not end in this one.
std::optional<std::string_view> TextColumn::next_spilled() {
    const auto has = [&](std::size_t bytes) { return buffer_.size() - at_ >= bytes; };
    const auto fetch = [&](std::size_t bytes) {
        if (has(bytes)) {
            return;
        }
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
        at_ = 0;
        const std::size_t kept = buffer_.size();
        buffer_.resize(std::max(bytes, kBufferBytes));
        const std::size_t got = spilled_->read(spilled_bytes_, std::span(buffer_).subspan(kept));
        spilled_->discard(spilled_bytes_, got);
        spilled_bytes_ += got;
        buffer_.resize(kept + got);
    };
    std::uint32_t size = 0;
    fetch(sizeof size);
    std::memcpy(&size, buffer_.data() + at_, sizeof size);
    at_ += sizeof size;
    if (size == kNull) {
        return std::nullopt;
    }
    fetch(size);
    const std::string_view text(buffer_.data() + at_, size);
    at_ += size;
    return text;
}

bool TextColumn::is_streamed(const PageReader::Header& header) const noexcept {
    return std::uint64_t{header.compressed_bytes} + header.uncompressed_bytes > kLargePageBytes &&
           TextStream::takes(column_, chunk_, header);
}

void TextColumn::next_page() {
    stream_.reset();
    PageReader::Header header = pages_.read_header(column_, chunk_, next_page_);
    if (header.kind == PageKind::dictionary) {
        const Page& page = pages_.read(column_, chunk_, header);
        if (!dictionary_.assign(column_, page)) {
            pages_.fail(column_, page.begin, "the dictionary is damaged");
        }
        header = pages_.read_header(column_, chunk_, page.next);
    }
    if (header.kind != PageKind::data) {
        pages_.fail(column_, header.begin, "a second dictionary");
    }
    page_ = header.begin;
    next_page_ = header.end();
    rows_left_ = header.rows;
    if (is_streamed(header)) {
        stream_.emplace(file_, pages_, column_, chunk_, header);
    } else {
        hold_page(header);
    }
}

void TextColumn::hold_page(const PageReader::Header& header) {
    const Page& page = pages_.read(column_, chunk_, header);
    values_ = TextValues(column_, page, dictionary_);
    levels_ = HybridRuns(page.levels, 1);
    level_run_ = {};
}

bool TextColumn::next_is_defined() {
    if (!column_.is_optional) {
        return true;
    }
    if (level_run_.count == 0) {
        level_run_ = levels_.next(rows_left_);
        if (level_run_.count == 0) {
            pages_.fail(column_, page_, "its levels are damaged");
        }
    }
    --level_run_.count;
    return (level_run_.kind == HybridRuns::Kind::repeated
                ? level_run_.value
                : packed_value(level_run_.bytes, level_run_.first++, 1)) == 1;
}

std::optional<std::string_view> TextColumn::next() {
    if (spilled_ != nullptr) {
        return next_spilled();
    }
    while (rows_left_ == 0) {
        next_page();
    }
    return stream_ ? next_streamed() : next_held();
}

/// A page that cannot be read in pieces after all is read whole, up to where it was.
std::optional<std::string_view> TextColumn::next_streamed() {
    try {
        const std::optional<std::string_view> text = stream_->next();
        if (rows_left_ == 1) {
            stream_->finish();
        }
        --rows_left_;
        return text;
    } catch (const util::Error&) {
        if (!stream_->repeats_too_far()) {
            throw;
        }
    }
    const PageReader::Header header = stream_->header();
    stream_.reset();
    hold_page(header);
    const std::uint32_t left = std::exchange(rows_left_, header.rows);
    while (rows_left_ > left) {
        next_held();
    }
    return next_held();
}

std::optional<std::string_view> TextColumn::next_held() {
    const bool is_defined = next_is_defined();
    --rows_left_;
    if (!is_defined) {
        return std::nullopt;
    }
    const std::optional<std::string_view> text = values_.next();
    if (!text) {
        pages_.fail(column_, page_, "its values are damaged, or fewer than its rows");
    }
    return text;
}

}  // namespace erawise::decode
