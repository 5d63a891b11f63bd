#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "decode/random_file.h"
#include "decode/thrift_reader.h"

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
std::string_view name_of(PhysicalType type) noexcept;
std::string_view name_of(Codec codec) noexcept;
std::string_view name_of(Encoding encoding) noexcept;

/// What a column's values mean, as far as it matters here.
enum class Meaning : std::uint8_t {
    number,           ///< signed, or floating-point
    unsigned_number,  ///< in int32 or int64
    half,             ///< float16 in two bytes
    text,             ///< strings, or bytes without a meaning
    other             ///< dates, decimals: neither a feature nor an era
};

struct ParquetColumn {
    std::string name;  ///< with its parents' names and dots when it is nested
    PhysicalType type = PhysicalType::int32;
    Meaning meaning = Meaning::number;
    std::uint32_t byte_width = 0;  ///< of fixed_byte_array
    bool is_optional = false;
    bool is_nested = false;  ///< in a group, or repeated: not read
};

/// A column's pages in one row group: bytes [begin, end) of the file.
struct ColumnChunk {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t values = 0;
    std::uint64_t uncompressed_bytes = 0;
    Codec codec = Codec::none;
    std::uint16_t encodings = 0;  ///< bit n: the encoding with number n is used
};

/// The metadata at the end of a Parquet file.
///
/// It is read in pieces of 64 KiB and hardly any of it is kept: names and types of the columns, and
/// for each row group its place and rows. What a row group says of its columns (100 to 300 bytes
/// for each of 3600 in the file, ten times that as objects) is read again when its turn comes. So
/// memory does not grow with the number of row groups beyond 32 bytes for each.
///
/// Errors: Error(data) with the byte. Used by one thread at a time.
class ParquetFooter {
  public:
    struct RowGroup {
        std::uint64_t position;   ///< of its metadata in the file
        std::uint64_t first_row;  ///< in the file
        std::uint64_t rows;
        std::uint64_t compressed_bytes;
    };

    explicit ParquetFooter(const RandomFile& file);

    [[nodiscard]] const std::vector<ParquetColumn>& columns() const noexcept { return columns_; }
    [[nodiscard]] const std::vector<RowGroup>& row_groups() const noexcept { return groups_; }
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::uint64_t footer_bytes() const noexcept { return footer_bytes_; }
    [[nodiscard]] const std::string& created_by() const noexcept { return created_by_; }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

    /// The chunks of `columns` (indices into columns(), in any order, also several
    /// times) in row group `group`.
    [[nodiscard]] std::vector<ColumnChunk> chunks(std::size_t group,
                                                  std::span<const std::uint32_t> columns) const;

  private:
    [[nodiscard]] ThriftReader reader_at(std::uint64_t position) const;
    void read_metadata();
    void read_schema(ThriftReader& reader, ThriftReader::Type type);
    RowGroup read_row_group(ThriftReader& reader) const;
    ColumnChunk read_chunk(ThriftReader& reader, std::uint32_t column) const;

    const RandomFile& file_;
    std::uint64_t footer_begin_ = 0;
    std::uint64_t footer_bytes_ = 0;
    std::vector<ParquetColumn> columns_;
    std::vector<RowGroup> groups_;
    std::uint64_t rows_ = 0;
    std::string created_by_;
};

}  // namespace erawise::decode
