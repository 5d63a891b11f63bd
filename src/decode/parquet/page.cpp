#include "decode/parquet/page.h"

#include <fmt/format.h>
#include <lzma.h>

#include <algorithm>
#include <cstring>

#include "decode/parquet/page_codec.h"
#include "decode/parquet/page_header.h"
#include "decode/parquet/thrift_fields.h"
#include "decode/parquet/thrift_reader.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

using Header = PageReader::Header;

/// A header without statistics has 20 to 60 bytes; statistics of long strings may be larger.
constexpr std::size_t kHeaderRead = 256;
/// Arrow writes 4 KiB of them at most. Damage must not read whole columns in search of their end.
constexpr std::size_t kMaxHeaderBytes = 1024 * 1024;

/// What a codec makes of `bytes` at most. What a header claims beyond that is damage, and sets
/// nothing aside.
std::uint64_t most_unpacked(Codec codec, std::uint64_t bytes) {
    constexpr std::uint64_t kSmall = 1024;  // headers, and lengths that are rounded up
    switch (codec) {
        case Codec::none:
        case Codec::lzo:
            return bytes;
        case Codec::snappy:  // copies of 64 bytes in 3
            return bytes * 22 + kSmall;
        case Codec::gzip:  // a copy of 258 bytes in 2 bits
            return bytes * 1032 + kSmall;
        case Codec::lz4:  // a length grows by 255 with each byte
        case Codec::lz4_raw:
            return bytes * 255 + kSmall;
        case Codec::zstd:  // a byte repeated to a block of 128 KiB, in 4
            return (bytes + 4) * 32 * 1024;
        case Codec::brotli:  // blocks of 16 MiB that hardly take a byte
            break;
    }
    return UINT64_MAX;
}

}  // namespace

void PageReader::fail(const ParquetColumn& column, std::uint64_t offset,
                      const std::string& what) const {
    throw util::Error(util::ErrorKind::data,
                      fmt::format("{}: column '{}', page at byte {}: {}; download the file again",
                                  file_.name(), column.name, offset, what));
}

void PageReader::fail_infinite(const ParquetColumn& column, std::uint64_t offset,
                               float value) const {
    throw util::Error(
        util::ErrorKind::data,
        fmt::format("{}: column '{}', page at byte {}: a value is infinite ({}), or too large for "
                    "float32: XGBoost takes no such value; write a number in its place, or null "
                    "(missing)",
                    file_.name(), column.name, offset, value));
}

void PageReader::fail_checksum(const ParquetColumn& column, std::uint64_t offset, std::uint32_t crc,
                               std::uint32_t wanted) const {
    fail(column, offset,
         fmt::format("its checksum is {:08x}, its header says {:08x}", crc, wanted));
}

void PageReader::refuse(const ParquetColumn& column, std::uint64_t offset,
                        const std::string& what) const {
    throw util::Error(util::ErrorKind::data, fmt::format("{}: column '{}', page at byte {}: {}",
                                                         file_.name(), column.name, offset, what));
}

void PageReader::reserve(Buffer& buffer, std::size_t size, std::size_t kept) {
    if (size + kPagePadding <= buffer.capacity) {
        return;
    }
    const bool is_input = &buffer == &input_;
    const Buffer& other = is_input ? output_ : input_;
    const std::size_t room = borrowed_.size() - (other.owned ? 0 : other.capacity);
    Buffer larger;
    larger.capacity = std::max(size + size / 8 + kPagePadding, 2 * kLeastRead);
    if (larger.capacity <= room) {
        larger.bytes = borrowed_.data() + (is_input ? 0 : borrowed_.size() - larger.capacity);
    } else {
        larger.owned = std::make_unique_for_overwrite<char[]>(larger.capacity);
        larger.bytes = larger.owned.get();
    }
    if (kept > 0 && larger.bytes != buffer.bytes) {
        std::memcpy(larger.bytes, buffer.bytes, kept);
    }
    buffer = std::move(larger);
}

void PageReader::borrow(std::span<char> memory) {
    borrowed_ = memory;
    input_ = {};
    output_ = {};
    loaded_ = 0;
    held_ = {};
    ++generation_;
}

/// Has the bytes [offset, offset + bytes) in input_, or as many as there are before `end`.
void PageReader::load(std::uint64_t offset, std::uint64_t bytes, std::uint64_t end) {
    bytes = std::min(bytes, end - offset);
    const bool is_inside = offset >= loaded_at_ && offset - loaded_at_ <= loaded_;
    if (is_inside && loaded_ - (offset - loaded_at_) >= bytes) {
        return;
    }
    std::size_t kept = 0;
    if (is_inside && loaded_ > 0) {
        kept = loaded_ - static_cast<std::size_t>(offset - loaded_at_);
        std::memmove(input_.bytes, input_.bytes + (loaded_ - kept), kept);
    }
    const std::size_t wanted =
        static_cast<std::size_t>(std::max(bytes, std::min<std::uint64_t>(guess_, end - offset)));
    reserve(input_, wanted, kept);
    loaded_at_ = offset;
    loaded_ = kept + file_.read(offset + kept, {input_.bytes + kept, wanted - kept});
}

std::span<const char> PageReader::loaded_from(std::uint64_t offset) const noexcept {
    const std::size_t skip = static_cast<std::size_t>(offset - loaded_at_);
    return {input_.bytes + skip, loaded_ - skip};
}

PageReader::Header PageReader::parse_header(const ParquetColumn& column, const ColumnChunk& chunk,
                                            std::uint64_t offset) {
    if (offset >= chunk.end) {
        fail(column, offset, "the column's data end before its rows");
    }
    load(offset, kHeaderRead, chunk.end);
    std::size_t given = 0;
    // Gives what is loaded, then twice as much each time.
    ThriftReader reader(
        {},
        [&]() -> std::span<const char> {
            if (given >= kMaxHeaderBytes) {
                fail(column, offset, "its header does not end within 1 MiB");
            }
            if (given == loaded_from(offset).size()) {
                load(offset, 2 * std::uint64_t{given}, chunk.end);
            }
            const std::span<const char> bytes = loaded_from(offset).subspan(given);
            given += bytes.size();
            return bytes;
        },
        file_.name(), offset);
    Header header;
    header.begin = offset;
    const std::int32_t type_number = read_page_header(reader, header);
    // Pages of other kinds are passed over: what they hold is not the column's values.
    const bool has_values = type_number == thrift::PageType::data_page ||
                            type_number == thrift::PageType::dictionary_page ||
                            type_number == thrift::PageType::data_page_v2;
    if (type_number < 0 || (has_values && header.kind == PageKind::other)) {
        fail(column, offset, fmt::format("a page of the kind {} without its header", type_number));
    }
    header.kind = has_values ? header.kind : PageKind::other;
    header.header_bytes = static_cast<std::uint32_t>(reader.position() - offset);
    return header;
}

void PageReader::check_size(const Header& header, const ParquetColumn& column,
                            const ColumnChunk& chunk) const {
    if (header.compressed_bytes > chunk.end - header.begin - header.header_bytes) {
        fail(column, header.begin,
             fmt::format("it should have {} bytes, the column's data end before",
                         header.compressed_bytes));
    }
    const Codec codec = header.is_compressed ? chunk.codec : Codec::none;
    if (codec != Codec::none &&
        header.uncompressed_bytes > most_unpacked(codec, header.compressed_bytes)) {
        fail(column, header.begin,
             fmt::format("it claims {} bytes unpacked, {} has {} of them",
                         header.uncompressed_bytes, name_of(codec), header.compressed_bytes));
    }
    if (header.kind == PageKind::data && header.rows > chunk.values) {
        fail(column, header.begin,
             fmt::format("it claims {} rows of {}", header.rows, chunk.values));
    }
    const std::uint64_t bytes =
        codec == Codec::none ? header.compressed_bytes : header.uncompressed_bytes;
    const std::uint64_t bits = std::max<std::uint64_t>(least_bits_of(column), 1);
    if (header.kind == PageKind::dictionary && header.rows > bytes * 8 / bits) {
        fail(column, header.begin,
             fmt::format("a dictionary of {} values in {} bytes", header.rows, bytes));
    }
}

std::uint64_t PageReader::bytes_of(const ColumnChunk& chunk, const Header& header) noexcept {
    return std::uint64_t{header.compressed_bytes} +
           (chunk.codec == Codec::none ? 0 : header.uncompressed_bytes);
}

bool PageReader::has_room_for(const ColumnChunk& chunk, const Header& header) const noexcept {
    const std::uint64_t needed = bytes_of(chunk, header);
    // Buffers have an eighth to spare.
    return needed <= limits_.bytes || needed + needed / 8 <= borrowed_.size();
}

void PageReader::check_memory(const Header& header, const ParquetColumn& column,
                              const ColumnChunk& chunk) const {
    if (!has_room_for(chunk, header)) {
        const std::uint64_t needed = bytes_of(chunk, header);
        throw PageTooLarge(
            fmt::format("{}: column '{}', page at byte {}: it takes {} to read, there are {} for "
                        "a page",
                        file_.name(), column.name, header.begin, util::format_byte_size(needed),
                        util::format_byte_size(limits_.bytes)),
            needed);
    }
}

PageReader::Header PageReader::read_header(const ParquetColumn& column, const ColumnChunk& chunk,
                                           std::uint64_t offset) {
    held_ = {};
    ++generation_;
    while (true) {
        const Header header = parse_header(column, chunk, offset);
        check_size(header, column, chunk);
        if (header.kind != PageKind::other) {
            return header;
        }
        offset = header.end();
    }
}

const Page& PageReader::read(const ParquetColumn& column, const ColumnChunk& chunk,
                             std::uint64_t offset) {
    return holds(offset) ? held_ : read(column, chunk, read_header(column, chunk, offset));
}

const Page& PageReader::read(const ParquetColumn& column, const ColumnChunk& chunk,
                             const Header& header) {
    check_memory(header, column, chunk);
    const std::uint64_t size = header.end() - header.begin;
    load(header.begin, size, chunk.end);
    guess_ = std::clamp(static_cast<std::size_t>(size + kHeaderRead), kLeastRead,
                        std::size_t{256} * 1024);
    if (loaded_from(header.begin).size() < size) {
        fail(column, header.begin, "the file was cut off");
    }
    held_.begin = header.begin;
    held_.kind = header.kind;
    held_.encoding = header.encoding;
    held_.rows = header.rows;
    take_body(header, column, chunk);
    held_.next = header.end();
    return held_;
}

void PageReader::take_body(const Header& header, const ParquetColumn& column,
                           const ColumnChunk& chunk) {
    const std::span<const char> body =
        loaded_from(held_.begin).subspan(header.header_bytes, header.compressed_bytes);
    if (header.has_crc) {
        const std::uint32_t crc =
            lzma_crc32(reinterpret_cast<const std::uint8_t*>(body.data()), body.size(), 0);
        if (crc != header.crc) {
            fail_checksum(column, held_.begin, crc, header.crc);
        }
    }
    if (header.has_plain_levels && column.is_optional) {
        refuse(
            column, held_.begin,
            "nulls are marked in the deprecated encoding BIT_PACKED, which this version does not "
            "read; write the file with another program");
    }
    split(header, column, uncompressed(header, column, chunk, body));
}

/// The page's bytes without compression; levels of a v2 page are never compressed.
std::span<const char> PageReader::uncompressed(const Header& header, const ParquetColumn& column,
                                               const ColumnChunk& chunk,
                                               std::span<const char> body) {
    const auto levels = static_cast<std::size_t>(header.front_bytes());
    if (levels > header.compressed_bytes || levels > header.uncompressed_bytes) {
        fail(column, held_.begin, "its levels are longer than the page");
    }
    if (chunk.codec == Codec::none || !header.is_compressed) {
        return body;
    }
    reserve(output_, header.uncompressed_bytes, 0);
    const std::span<char> output{output_.bytes, header.uncompressed_bytes};
    if (levels > 0) {
        std::memcpy(output.data(), body.data(), levels);
    }
    const std::span<const char> packed = body.subspan(levels);
    const std::span<char> room = output.subspan(levels);
    // Nothing is packed into nothing; some codecs would not accept that.
    const bool is_empty = packed.empty() && room.empty();
    if (!is_empty && !decompress_page(chunk.codec, packed, room)) {
        fail(column, held_.begin,
             fmt::format("its {} {} bytes do not unpack into {}", packed.size(),
                         name_of(chunk.codec), room.size()));
    }
    return output;
}

void PageReader::split(const Header& header, const ParquetColumn& column,
                       std::span<const char> body) {
    held_.values = body;
    if (header.kind == PageKind::dictionary) {
        return;
    }
    if (header.is_v2) {
        held_.values = body.subspan(static_cast<std::size_t>(header.front_bytes()));
        if (column.is_optional) {
            held_.levels = body.subspan(header.repetition_bytes, header.level_bytes);
        }
        if (held_.levels.empty() && column.is_optional && header.rows > 0) {
            fail(column, held_.begin, "its levels do not fit the schema");
        }
        return;
    }
    if (column.is_optional) {
        std::uint32_t size = 0;
        if (body.size() < sizeof size) {
            fail(column, held_.begin, "it ends within its levels");
        }
        std::memcpy(&size, body.data(), sizeof size);
        if (size > body.size() - sizeof size) {
            fail(column, held_.begin, "its levels are longer than the page");
        }
        held_.levels = body.subspan(sizeof size, size);
        held_.values = body.subspan(sizeof size + size);
    }
}

}  // namespace erawise::decode
