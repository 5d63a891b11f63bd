#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "decode/parquet/feature_set.h"
#include "decode/parquet/group_rows.h"
#include "decode/parquet/group_spill.h"
#include "decode/parquet/row_labels.h"
#include "decode/parquet/window_room.h"

namespace erawise::decode {

/// Rows of a row group that pass through a temporary file: pages are decoded once, whatever windows
/// they reach into. While the file is written there are no rows in the window, so its memory serves
/// for pages and columns.
class SpilledRows final : public GroupRows {
  public:
    /// They must live as long. Error(disk) when the folder takes no temporary files.
    SpilledRows(const std::filesystem::path& folder, FeatureSet& features, WindowRoom& room,
                std::uint64_t rows)
        : features_(features), room_(room), rows_(rows), spill_(folder, rows) {}

    /// Writes all rows of the group, which is at its beginning. `batch` is empty; `file_row`: the
    /// number of its first row in the file. Errors: those of WindowRoom::make() and of decoding.
    void write(const RowLabels& labels, era::EraBatch& batch, std::uint64_t file_row);

    /// Planes and values that were written.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return spill_.bytes(); }

    [[nodiscard]] std::size_t count_for(std::uint64_t row, std::uint64_t left,
                                        std::size_t room) const override;
    bool read(const era::BlockLayout& layout, PlaneWindow& window, std::uint64_t row,
              std::size_t rows, std::size_t position) override;

  private:
    bool write_features();
    bool try_to_write_features();
    std::span<std::byte> lend_to_pages(std::span<std::byte> memory);

    FeatureSet& features_;
    WindowRoom& room_;
    std::uint64_t rows_;
    GroupSpill spill_;
};

}  // namespace erawise::decode
