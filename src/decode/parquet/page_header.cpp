#include "decode/parquet/page_header.h"

#include <fmt/format.h>

#include "decode/parquet/thrift_fields.h"

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
    constexpr std::int32_t kGroupVarInt = 1;  // never in use; the format has no name for it now
    if (number > static_cast<std::int32_t>(Encoding::byte_stream_split) || number == kGroupVarInt) {
        reader.refuse(fmt::format("a page in the encoding {}", number));
    }
    return static_cast<Encoding>(number);
}

void read_data_header(ThriftReader& reader, Header& header) {
    header.kind = PageKind::data;
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case thrift::DataPageHeader::num_values:
                header.rows = size_of(reader, type);
                return;
            case thrift::DataPageHeader::encoding:
                header.encoding = encoding_of(reader, type);
                return;
            case thrift::DataPageHeader::definition_level_encoding:
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
        if (id == thrift::DictionaryPageHeader::num_values) {
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
            case thrift::DataPageHeaderV2::num_values:
                header.rows = size_of(reader, type);
                return;
            case thrift::DataPageHeaderV2::encoding:
                header.encoding = encoding_of(reader, type);
                return;
            case thrift::DataPageHeaderV2::definition_levels_byte_length:
                header.level_bytes = size_of(reader, type);
                return;
            case thrift::DataPageHeaderV2::repetition_levels_byte_length:
                header.repetition_bytes = size_of(reader, type);
                return;
            case thrift::DataPageHeaderV2::is_compressed:
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
            case thrift::PageHeader::type:
                type_number = reader.int32(type);
                return;
            case thrift::PageHeader::uncompressed_page_size:
                header.uncompressed_bytes = size_of(reader, type);
                return;
            case thrift::PageHeader::compressed_page_size:
                header.compressed_bytes = size_of(reader, type);
                return;
            case thrift::PageHeader::crc:
                header.crc = static_cast<std::uint32_t>(reader.int32(type));
                header.has_crc = true;
                return;
            case thrift::PageHeader::data_page_header:
                return read_data_header(reader, header);
            case thrift::PageHeader::dictionary_page_header:
                return read_dictionary_header(reader, header);
            case thrift::PageHeader::data_page_header_v2:
                return read_v2_header(reader, header);
            default:
                reader.skip(type);
        }
    });
    return type_number;
}

}  // namespace erawise::decode
