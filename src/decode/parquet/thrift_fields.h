#pragma once

#include <cstdint>

/// The numbers of fields and enumerators in a Parquet file's metadata, as far as they are read.
/// Names and numbers are those of
/// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
///
/// Fields are plain enumerations, for they are compared with whatever number a file has.
namespace erawise::decode::thrift {

struct FileMetaData {
    enum Field : std::int16_t { schema = 2, num_rows = 3, row_groups = 4, created_by = 6 };
};

struct RowGroup {
    enum Field : std::int16_t { columns = 1, num_rows = 3, total_compressed_size = 6 };
};

struct ColumnChunk {
    enum Field : std::int16_t {
        file_path = 1,
        meta_data = 3,
        crypto_metadata = 8,
        encrypted_column_metadata = 9
    };
};

struct ColumnMetaData {
    enum Field : std::int16_t {
        type = 1,
        encodings = 2,
        codec = 4,
        num_values = 5,
        total_compressed_size = 7,
        data_page_offset = 9,
        dictionary_page_offset = 11
    };
};

struct SchemaElement {
    enum Field : std::int16_t {
        type = 1,
        type_length = 2,
        repetition_type = 3,
        name = 4,
        num_children = 5,
        converted_type = 6,
        logical_type = 10
    };
};

struct FieldRepetitionType {
    enum Value : std::int32_t { optional = 1, repeated = 2 };
};

struct ConvertedType {
    enum Value : std::int32_t {
        utf8 = 0,
        map = 1,
        map_key_value = 2,
        list = 3,
        enumeration = 4,
        decimal = 5,
        date = 6,
        time_millis = 7,
        time_micros = 8,
        timestamp_millis = 9,
        timestamp_micros = 10,
        uint_8 = 11,
        uint_16 = 12,
        uint_32 = 13,
        uint_64 = 14,
        int_8 = 15,
        int_16 = 16,
        int_32 = 17,
        int_64 = 18,
        json = 19,
        bson = 20,
        interval = 21
    };
};

/// A union: it has one of these fields.
struct LogicalType {
    enum Field : std::int16_t {
        string = 1,
        map = 2,
        list = 3,
        enumeration = 4,
        decimal = 5,
        date = 6,
        time = 7,
        timestamp = 8,
        interval = 9,  ///< reserved
        integer = 10,
        unknown = 11,  ///< a column of nulls
        json = 12,
        bson = 13,
        uuid = 14,
        float16 = 15,
        variant = 16,
        geometry = 17,
        geography = 18
    };
};

struct IntType {
    enum Field : std::int16_t { bit_width = 1, is_signed = 2 };
};

struct TimestampType {
    enum Field : std::int16_t { is_adjusted_to_utc = 1, unit = 2 };
};

/// A union: it has one of these fields.
struct TimeUnit {
    enum Field : std::int16_t { millis = 1, micros = 2, nanos = 3 };
};

struct PageHeader {
    enum Field : std::int16_t {
        type = 1,
        uncompressed_page_size = 2,
        compressed_page_size = 3,
        crc = 4,
        data_page_header = 5,
        dictionary_page_header = 7,
        data_page_header_v2 = 8
    };
};

struct PageType {
    enum Value : std::int32_t {
        data_page = 0,
        index_page = 1,
        dictionary_page = 2,
        data_page_v2 = 3
    };
};

struct DataPageHeader {
    enum Field : std::int16_t { num_values = 1, encoding = 2, definition_level_encoding = 3 };
};

struct DictionaryPageHeader {
    enum Field : std::int16_t { num_values = 1 };
};

struct DataPageHeaderV2 {
    enum Field : std::int16_t {
        num_values = 1,
        encoding = 4,
        definition_levels_byte_length = 5,
        repetition_levels_byte_length = 6,
        is_compressed = 7
    };
};

}  // namespace erawise::decode::thrift
