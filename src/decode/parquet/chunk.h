#pragma once

#include <cstdint>
#include <string_view>

#include "decode/parquet/schema.h"
#include "decode/parquet/thrift_reader.h"

namespace erawise::decode {

enum class Codec : std::uint8_t { none, snappy, gzip, lzo, brotli, lz4, zstd, lz4_raw };
enum class Encoding : std::uint8_t {
    plain = 0,
    plain_dictionary = 2,
    rle = 3,
    bit_packed = 4,
    delta_binary_packed = 5,
    delta_length_byte_array = 6,
    delta_byte_array = 7,
    rle_dictionary = 8,
    byte_stream_split = 9
};
std::string_view name_of(Codec codec) noexcept;
std::string_view name_of(Encoding encoding) noexcept;

/// A column's pages in one row group: bytes [begin, end) of the file.
struct ColumnChunk {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t values = 0;
    Codec codec = Codec::none;
};

/// What a row group says of a column, as it stands there: nothing of it has been checked.
struct ChunkMetadata {
    std::int64_t type = -1;
    std::int64_t codec = -1;
    std::int64_t values = -1;
    std::int64_t compressed_bytes = -1;
    std::int64_t data_offset = -1;
    std::int64_t dictionary_offset = -1;
    std::uint16_t encodings = 0;  ///< bit n: the encoding with number n is used
    bool is_elsewhere = false;    ///< names a file; Arrow looks into this one all the same
    bool is_encrypted = false;
};

/// Reads one element of a row group's list of column chunks.
ChunkMetadata read_chunk(ThriftReader& reader);

/// What limits a chunk.
struct ChunkLimits {
    std::uint64_t data_end = 0;  ///< where the metadata begins
    std::uint64_t rows = 0;      ///< of the row group
    std::uint64_t slack = 0;     ///< bytes that the writer may have forgotten to count
};

/// The place of the pages of `column`, which is flat. Errors, by way of `reader`: Error(data) when
/// it cannot be where it says, is encrypted, or is packed with what is not read here.
ColumnChunk checked_chunk(const ThriftReader& reader, const ChunkMetadata& chunk,
                          const ParquetColumn& column, const ChunkLimits& limits);

}  // namespace erawise::decode
