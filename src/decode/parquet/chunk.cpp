#include "decode/parquet/chunk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "decode/parquet/thrift_fields.h"

namespace erawise::decode {
namespace {

using Type = ThriftReader::Type;

constexpr std::int64_t kMagicBytes = 4;

void read_encodings(ThriftReader& reader, Type type, ChunkMetadata& chunk) {
    reader.read_list(type, [&](Type element) {
        const std::int64_t number = reader.integer(element);
        if (number >= 0 && number < 16) {
            chunk.encodings = static_cast<std::uint16_t>(chunk.encodings | (1u << number));
        }
    });
}

void read_column_metadata(ThriftReader& reader, ChunkMetadata& chunk) {
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case thrift::ColumnMetaData::type:
                chunk.type = reader.integer(type);
                return;
            case thrift::ColumnMetaData::encodings:
                return read_encodings(reader, type, chunk);
            case thrift::ColumnMetaData::codec:
                chunk.codec = reader.integer(type);
                return;
            case thrift::ColumnMetaData::num_values:
                chunk.values = reader.integer(type);
                return;
            case thrift::ColumnMetaData::total_compressed_size:
                chunk.compressed_bytes = reader.integer(type);
                return;
            case thrift::ColumnMetaData::data_page_offset:
                chunk.data_offset = reader.integer(type);
                return;
            case thrift::ColumnMetaData::dictionary_page_offset:
                chunk.dictionary_offset = reader.integer(type);
                return;
            default:
                reader.skip(type);
        }
    });
}

/// The dictionary page stands first; writers that had none have left 0 there.
std::int64_t begin_of(const ChunkMetadata& chunk) {
    const bool has_dictionary =
        chunk.dictionary_offset > 0 && chunk.dictionary_offset < chunk.data_offset;
    return has_dictionary ? chunk.dictionary_offset : chunk.data_offset;
}

/// What may be right, but not read here.
void refuse_foreign(const ThriftReader& reader, const ChunkMetadata& chunk,
                    const ParquetColumn& column) {
    const auto refuse = [&](std::string_view what) {
        reader.refuse(fmt::format("column '{}' {}", column.name, what));
    };
    if (chunk.is_encrypted) {
        refuse("is encrypted");
    }
    if (chunk.codec == static_cast<std::int64_t>(Codec::lzo)) {
        refuse("is packed with LZO");
    }
    if (chunk.codec > static_cast<std::int64_t>(Codec::lz4_raw)) {
        refuse(fmt::format("is packed with the codec {}", chunk.codec));
    }
}

}  // namespace

std::string_view name_of(Codec codec) noexcept {
    constexpr std::array<std::string_view, 8> kNames = {"none",   "snappy", "gzip", "lzo",
                                                        "brotli", "lz4",    "zstd", "lz4_raw"};
    return kNames[static_cast<std::size_t>(codec)];
}

std::string_view name_of(Encoding encoding) noexcept {
    constexpr std::array<std::string_view, 10> kNames = {
        "PLAIN",          "GROUP_VAR_INT",       "PLAIN_DICTIONARY",        "RLE",
        "BIT_PACKED",     "DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY",
        "RLE_DICTIONARY", "BYTE_STREAM_SPLIT"};
    return kNames[static_cast<std::size_t>(encoding)];
}

ChunkMetadata read_chunk(ThriftReader& reader) {
    using Field = thrift::ColumnChunk;
    ChunkMetadata chunk;
    reader.read_struct([&](std::int16_t id, Type type) {
        if (id == Field::file_path && type == Type::binary) {
            chunk.is_elsewhere = !reader.text(type, 1).empty();
        } else if (id == Field::meta_data && type == Type::structure) {
            read_column_metadata(reader, chunk);
        } else {
            chunk.is_encrypted = chunk.is_encrypted || id == Field::crypto_metadata ||
                                 id == Field::encrypted_column_metadata;
            reader.skip(type);
        }
    });
    return chunk;
}

ColumnChunk checked_chunk(const ThriftReader& reader, const ChunkMetadata& chunk,
                          const ParquetColumn& column, const ChunkLimits& limits) {
    refuse_foreign(reader, chunk, column);
    const auto fail = [&](const std::string& what) {
        reader.fail(fmt::format("column '{}' {}", column.name, what));
    };
    if (chunk.type != static_cast<std::int64_t>(column.type)) {
        fail("has another type than the schema says");
    }
    if (chunk.codec < 0) {
        fail(fmt::format("has the unknown codec {}", chunk.codec));
    }
    if (chunk.values < 0 || static_cast<std::uint64_t>(chunk.values) != limits.rows) {
        fail(fmt::format("has {} values in a row group of {} rows", chunk.values, limits.rows));
    }
    const std::int64_t begin = begin_of(chunk);
    const auto end = static_cast<std::int64_t>(limits.data_end);
    if (begin < kMagicBytes || begin > end || chunk.compressed_bytes < 0 ||
        chunk.compressed_bytes > end - begin) {
        if (chunk.is_elsewhere) {
            reader.refuse(fmt::format("column '{}' is in another file", column.name));
        }
        fail(fmt::format("should have {} bytes at byte {}, outside of the data",
                         chunk.compressed_bytes, begin));
    }
    const auto behind = static_cast<std::uint64_t>(begin + chunk.compressed_bytes);
    return {.begin = static_cast<std::uint64_t>(begin),
            .end = std::min(behind + limits.slack, limits.data_end),
            .values = limits.rows,
            .codec = static_cast<Codec>(chunk.codec)};
}

}  // namespace erawise::decode
