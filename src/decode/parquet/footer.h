#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "decode/parquet/chunk.h"
#include "decode/parquet/schema.h"
#include "decode/parquet/thrift_reader.h"
#include "decode/random_file.h"

namespace erawise::decode {

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

    [[nodiscard]] const std::vector<ParquetColumn>& columns() const noexcept {
        return schema_.columns;
    }
    [[nodiscard]] const std::vector<RowGroup>& row_groups() const noexcept { return groups_; }
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::uint64_t footer_bytes() const noexcept { return footer_bytes_; }
    [[nodiscard]] const std::string& created_by() const noexcept { return created_by_; }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

    /// The chunks of `columns` (indices into columns(), in any order, also several times; all of
    /// them flat) in row group `group`. Only these are looked at: what is wrong with others, or not
    /// to be read, is no matter. An encrypted one is Error(data).
    [[nodiscard]] std::vector<ColumnChunk> chunks(std::size_t group,
                                                  std::span<const std::uint32_t> columns) const;

    /// Shows what row group `group` says of all its columns, nested ones among them.
    void visit_chunks(std::size_t group,
                      const std::function<void(const ChunkMetadata&)>& visit) const;

  private:
    [[nodiscard]] ThriftReader reader_at(std::uint64_t position) const;
    void read_metadata();
    RowGroup read_row_group(ThriftReader& reader) const;
    void read_chunks(std::size_t group, const std::function<void(ThriftReader&)>& read) const;

    const RandomFile& file_;
    std::uint64_t footer_begin_ = 0;
    std::uint64_t footer_bytes_ = 0;
    ParquetSchema schema_;
    std::vector<RowGroup> groups_;
    std::uint64_t rows_ = 0;
    std::string created_by_;
};

}  // namespace erawise::decode
