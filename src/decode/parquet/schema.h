#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decode/parquet/thrift_reader.h"

namespace erawise::decode {

/// Names and numbers of
/// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
enum class PhysicalType : std::uint8_t {
    boolean,
    int32,
    int64,
    int96,
    float32,
    float64,
    byte_array,
    fixed_byte_array
};
std::string_view name_of(PhysicalType type) noexcept;

/// What a column's values mean, as far as it matters here.
enum class Meaning : std::uint8_t {
    number,           ///< signed, or floating-point
    unsigned_number,  ///< in int32 or int64
    half,             ///< float16 in two bytes
    text,             ///< strings, or bytes without a meaning
    uuid,             ///< 16 bytes
    date,             ///< days from 1 January 1970
    timestamp_ms,     ///< from that day on
    timestamp_us,
    timestamp_ns,
    decimal,
    time,
    other  ///< intervals, BSON, shapes on a map: neither a feature nor a text
};

/// How a column of the file is made up. Only flat ones are read.
enum class Shape : std::uint8_t { flat, list, map, structure };

/// A column as users see it: a field of the schema's root, with all that is nested in it.
struct ParquetColumn {
    std::string name = {};                    ///< the first 64 KiB of it
    PhysicalType type = PhysicalType::int32;  ///< nested: of its first leaf
    Meaning meaning = Meaning::number;
    std::uint32_t byte_width = 0;  ///< of fixed_byte_array
    bool is_optional = false;
    Shape shape = Shape::flat;
    std::uint32_t leaf = 0;  ///< its number among a row group's column chunks; nested: of the first
};

/// What a column is, for messages: "of type INT32 (DECIMAL)", "a list of FLOAT", "a map".
std::string describe(const ParquetColumn& column);

/// Bits that a value takes at least where it is written plainly.
std::uint64_t least_bits_of(const ParquetColumn& column) noexcept;

struct ParquetSchema {
    std::vector<ParquetColumn> columns;
    std::uint32_t leaves = 0;  ///< column chunks in a row group
};

/// Reads the list of schema elements, `type` being what its header said. However deep the tree is,
/// what is kept is no larger than a few times its bytes. Errors: Error(data) with the byte.
ParquetSchema read_schema(ThriftReader& reader, ThriftReader::Type type);

}  // namespace erawise::decode
