#include "decode/parquet_page.h"

#include <fmt/format.h>
#include <lzma.h>

#include <algorithm>
#include <cstring>

#include "decode/page_codec.h"
#include "decode/thrift_reader.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

using Type = ThriftReader::Type;
using Header = PageReader::Header;

constexpr std::size_t kMinRead = 4096;
/// A header without statistics has 20 to 60 bytes; statistics of long strings may be larger.
constexpr std::size_t kHeaderRead = 256;

std::uint32_t size_of(ThriftReader& reader, Type type) {
    const std::int32_t size = reader.int32(type);
    if (size < 0) {
        reader.fail("a negative size");
    }
    return static_cast<std::uint32_t>(size);
}

Encoding encoding_of(ThriftReader& reader, Type type) {
    const std::int32_t number = reader.int32(type);
    if (number < 0 || number > static_cast<std::int32_t>(Encoding::byte_stream_split) ||
        number == 1) {
        reader.fail(fmt::format("the unknown encoding {}", number));
    }
    return static_cast<Encoding>(number);
}

void read_data_header(ThriftReader& reader, Header& header) {
    header.kind = PageKind::data;
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case 1:
                header.rows = size_of(reader, type);
                return;
            case 2:
                header.encoding = encoding_of(reader, type);
                return;
            case 3:
                header.has_plain_levels = encoding_of(reader, type) != Encoding::rle;
                return;
            default:
                reader.skip(type);
        }
    });
}

void read_dictionary_header(ThriftReader& reader, Header& header) {
    header.kind = PageKind::dictionary;
    reader.read_struct([&](std::int16_t id, Type type) {
        if (id == 1) {
            header.rows = size_of(reader, type);
        } else {
            reader.skip(type);
        }
    });
}

void read_v2_header(ThriftReader& reader, Header& header) {
    header.kind = PageKind::data;
    header.is_v2 = true;
    std::uint32_t repetition_bytes = 0;
    std::uint32_t rows = 0;
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case 1:
                header.rows = size_of(reader, type);
                return;
            case 3:
                rows = size_of(reader, type);
                return;
            case 4:
                header.encoding = encoding_of(reader, type);
                return;
            case 5:
                header.level_bytes = size_of(reader, type);
                return;
            case 6:
                repetition_bytes = size_of(reader, type);
                return;
            case 7:
                header.is_compressed = ThriftReader::boolean(type);
                return;
            default:
                reader.skip(type);
        }
    });
    if (repetition_bytes != 0 || rows != header.rows) {
        reader.fail("a page of lists in a column of plain values");
    }
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

void PageReader::reserve(Buffer& buffer, std::size_t size, std::size_t kept) {
    if (size + kPagePadding <= buffer.capacity) {
        return;
    }
    const bool is_input = &buffer == &input_;
    const Buffer& other = is_input ? output_ : input_;
    const std::size_t room = borrowed_.size() - (other.owned ? 0 : other.capacity);
    Buffer larger;
    larger.capacity = std::max(size + size / 8 + kPagePadding, 2 * kMinRead);
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
    std::int32_t type_number = -1;
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case 1:
                type_number = reader.int32(type);
                return;
            case 2:
                header.uncompressed_bytes = size_of(reader, type);
                return;
            case 3:
                header.compressed_bytes = size_of(reader, type);
                return;
            case 4:
                header.crc = static_cast<std::uint32_t>(reader.int32(type));
                header.has_crc = true;
                return;
            case 5:
                return read_data_header(reader, header);
            case 7:
                return read_dictionary_header(reader, header);
            case 8:
                return read_v2_header(reader, header);
            default:
                reader.skip(type);
        }
    });
    constexpr std::int32_t kIndexPage = 1;
    if (type_number < 0 || (header.kind == PageKind::other && type_number != kIndexPage)) {
        fail(column, offset, fmt::format("a page of the unknown kind {}", type_number));
    }
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
    if (header.uncompressed_bytes > chunk.uncompressed_bytes + header.header_bytes) {
        fail(column, header.begin,
             fmt::format("it claims {} bytes unpacked, its column chunk {}",
                         header.uncompressed_bytes, chunk.uncompressed_bytes));
    }
}

void PageReader::check_memory(const Header& header, const ParquetColumn& column,
                              const ColumnChunk& chunk) const {
    const std::uint64_t needed = std::uint64_t{header.compressed_bytes} +
                                 (chunk.codec == Codec::none ? 0 : header.uncompressed_bytes);
    // Buffers have an eighth to spare.
    if (needed > limits_.bytes && needed + needed / 8 > borrowed_.size()) {
        throw util::Error(
            util::ErrorKind::memory,
            fmt::format("{}: column '{}', page at byte {}: it takes {} to read, the memory plan "
                        "has {} for a page; raise the limit by the difference",
                        file_.name(), column.name, header.begin, util::format_byte_size(needed),
                        util::format_byte_size(limits_.bytes)));
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
    guess_ =
        std::clamp(static_cast<std::size_t>(size + kHeaderRead), kMinRead, std::size_t{256} * 1024);
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
        fail(column, held_.begin, "nulls are marked in the deprecated encoding BIT_PACKED");
    }
    split(header, column, uncompressed(header, column, chunk, body));
}

/// The page's bytes without compression; levels of a v2 page are never compressed.
std::span<const char> PageReader::uncompressed(const Header& header, const ParquetColumn& column,
                                               const ColumnChunk& chunk,
                                               std::span<const char> body) {
    const std::uint32_t levels = header.level_bytes;
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
        held_.levels = body.first(header.level_bytes);
        held_.values = body.subspan(header.level_bytes);
        if (held_.levels.empty() == column.is_optional && header.rows > 0) {
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
