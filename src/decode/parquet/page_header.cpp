#include "decode/parquet/page_header.h"

#include <fmt/format.h>

namespace erawise::decode {
namespace {

using Type = ThriftReader::Type;
using Header = PageReader::Header;

std::uint32_t size_of(ThriftReader& reader, Type type) {
    const std::int32_t size = reader.int32(type);
    if (size < 0) {
        reader.fail("a negative size");
    }
    return static_cast<std::uint32_t>(size);
}

Encoding encoding_of(ThriftReader& reader, Type type) {
    const std::int32_t number = reader.int32(type);
    if (number < 0) {
        reader.fail(fmt::format("the encoding {}", number));
    }
    if (number > static_cast<std::int32_t>(Encoding::byte_stream_split) || number == 1) {
        reader.refuse(fmt::format("a page in the encoding {}", number));
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
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case 1:
                header.rows = size_of(reader, type);
                return;
            case 4:
                header.encoding = encoding_of(reader, type);
                return;
            case 5:
                header.level_bytes = size_of(reader, type);
                return;
            case 6:
                header.repetition_bytes = size_of(reader, type);
                return;
            case 7:
                header.is_compressed = ThriftReader::boolean(type);
                return;
            default:
                reader.skip(type);
        }
    });
}

}  // namespace

std::int32_t read_page_header(ThriftReader& reader, PageReader::Header& header) {
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
    return type_number;
}

}  // namespace erawise::decode
