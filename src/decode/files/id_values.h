#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decode/files/value_column.h"

namespace erawise::decode {

/// A column of numbers by row id, of a CSV (also .xz) or Parquet file: predictions, a meta model.
///
/// Rows that are asked for in the order of the file cost no memory. From the first one that is not,
/// the rest of the file is kept, 16 bytes a row, by a 64-bit hash of the id: two of four million
/// ids have the same with a chance of one in two million. Numbers are float64. Used by one thread
/// at a time. Errors: Error(disk), Error(data) with the place, Error(memory).
///
/// An id that is there twice is Error(data) with both places: a file whose rows are not exactly
/// those that were asked for, in their order, is gone through for that, as often as the memory
/// limit makes it necessary.
class IdValues {
  public:
    /// Error(data) also where the choice leaves none or several: choose_value_column().
    IdValues(const std::filesystem::path& file, const ColumnChoice& choice);
    ~IdValues();

    /// The name of the column that was chosen.
    [[nodiscard]] const std::string& column() const noexcept { return column_; }

    /// What the rows that are kept may take; before, they may take all.
    void set_memory_limit(std::uint64_t bytes) noexcept { memory_bytes_ = bytes; }

    /// NaN when the file has no such row, or no number in it. Each id is asked for once.
    double find(std::string_view id);

    /// When all ids were asked for: looks at the rows that nobody asked for, too.
    void finish() const;

    /// Of the rows that were asked for, how many the file has.
    [[nodiscard]] std::uint64_t found() const noexcept { return found_; }

    /// What reading the file takes, beside 1 MiB: its decompressor's dictionary.
    [[nodiscard]] std::uint64_t reading_memory_bytes() const;

    /// What keeping all rows would take, or at most; of CSV by the size of the file.
    [[nodiscard]] std::uint64_t most_memory_bytes() const;

  private:
    class Reader;
    class CsvReader;
    class ParquetReader;
    struct Entry {
        std::uint64_t hash;
        double value;
    };

    [[nodiscard]] std::unique_ptr<Reader> open_reader(const ColumnChoice& choice) const;
    void require_unique_ids() const;
    void keep_the_rest();

    std::filesystem::path file_;
    std::uint64_t memory_bytes_ = UINT64_MAX;
    std::unique_ptr<Reader> reader_;  ///< null: all rows were read
    std::string column_;
    bool has_row_ = false;     ///< the reader stands on a row that nobody asked for yet
    std::vector<Entry> kept_;  ///< sorted by hash
    std::uint64_t found_ = 0;
};

}  // namespace erawise::decode
