#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/parquet/chosen_columns.h"
#include "decode/parquet/footer.h"
#include "decode/parquet/page_facts.h"
#include "decode/parquet/text_column.h"
#include "decode/random_file.h"
#include "era/era_batch.h"

namespace erawise::decode {

/// What says what a row is: its id, its era, its kind. Those of the rows in a window, as far as
/// they were read: runs of rows of one era, without the rows that are not wanted, and ids in the
/// same order.
///
/// Used by one thread at a time. Errors: those of TextColumn; Error(data) with column and row.
class RowLabels {
  public:
    /// `file` must live as long.
    explicit RowLabels(const RandomFile& file) : file_(file) {}

    /// Called once. `columns`: those of the file; must live as long. `data_type`: of the rows that
    /// are wanted; empty: all are.
    void select(std::span<const ParquetColumn> columns, const ChosenColumns& choice,
                const std::string& data_type, PageLimits limits);

    /// Ids, eras, kinds of rows; nullptr where there is none.
    [[nodiscard]] std::array<TextColumn*, 3> columns() const;

    void set_limits(PageLimits limits);

    /// Goes to the beginning of a row group. `chunks`: one for each column that there is.
    void open(std::span<const ColumnChunk> chunks);

    /// What the pages of the open row group take. Reads their headers.
    [[nodiscard]] TextFacts look_at_pages() const;

    /// Kept rows of the window that follow each other in one era.
    struct Run {
        std::string era;
        std::size_t first = 0;  ///< in the window
        std::size_t rows = 0;
    };

    /// Reads the next `rows` rows, which stand in the window from row `first` on, as far as the
    /// plan has room; returns how many these are. `window_rows`: the window's capacity. `file_row`:
    /// the number in the file of the window's first row.
    std::size_t read(std::size_t first, std::size_t rows, std::size_t window_rows,
                     std::uint64_t file_row);
    void clear() noexcept;

    /// Whether all runs were taken.
    [[nodiscard]] bool is_empty() const noexcept { return run_ == runs_.size(); }
    /// What is left of the run at hand.
    [[nodiscard]] const Run& run() const noexcept { return runs_[run_]; }
    /// How many of the run's rows a batch has room for, by their number and their ids.
    [[nodiscard]] std::size_t rows_for(const era::EraBatch& batch) const;
    /// Takes rows of the run: their ids go to `ids`.
    void take(std::size_t rows, era::RowIds& ids);

  private:
    [[nodiscard]] bool has_room(std::size_t window_rows) const noexcept;
    void read_row(std::size_t row, std::uint64_t file_row);
    std::string_view read_text(TextColumn& column, std::string_view name, std::size_t most,
                               std::uint64_t file_row);
    void append(std::string_view era, std::size_t row);
    [[noreturn]] void fail(std::string_view column, std::uint64_t file_row,
                           std::string_view what) const;

    const RandomFile& file_;
    std::string data_type_;
    std::unique_ptr<TextColumn> ids_;
    std::unique_ptr<TextColumn> eras_;        ///< none: the file is one era
    std::unique_ptr<TextColumn> data_types_;  ///< none: rows are not filtered

    std::vector<Run> runs_;
    std::size_t run_ = 0;
    era::RowIds window_ids_;
    std::size_t next_id_ = 0;
};

}  // namespace erawise::decode
