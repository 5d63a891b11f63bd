#pragma once

#include <cstddef>
#include <cstdint>

#include "decode/parquet/feature_set.h"
#include "decode/parquet/plane_window.h"
#include "era/era_batch.h"

namespace erawise::decode {

/// The features' rows of a row group on their way into windows. There is one class for each way
/// (page_policy.h); whether a page is held or read in slices is FeatureDecoder's to know.
class GroupRows {
  public:
    GroupRows() = default;
    virtual ~GroupRows() = default;
    GroupRows(const GroupRows&) = delete;
    GroupRows& operator=(const GroupRows&) = delete;

    /// How many of the `left` rows of the group from row `row` on go into a window with room for
    /// `room` rows: what fits, or less.
    [[nodiscard]] virtual std::size_t count_for(std::uint64_t row, std::uint64_t left,
                                                std::size_t room) const = 0;

    /// Puts `rows` rows of the group from row `row` on, the ones that come next, into the window
    /// from row `position` on. False when a feature turned out to need another layout: nothing was
    /// taken then, nor with PageTooLarge.
    virtual bool read(const era::BlockLayout& layout, PlaneWindow& window, std::uint64_t row,
                      std::size_t rows, std::size_t position) = 0;
};

/// Rows that are decoded where the window is.
class DecodedRows final : public GroupRows {
  public:
    /// `features` must live as long. `page_rows`: of the pages whose ends are good ends of windows;
    /// 0: not known.
    DecodedRows(FeatureSet& features, std::uint64_t page_rows)
        : features_(features), page_rows_(page_rows) {}

    [[nodiscard]] std::size_t count_for(std::uint64_t row, std::uint64_t left,
                                        std::size_t room) const override;
    bool read(const era::BlockLayout& layout, PlaneWindow& window, std::uint64_t row,
              std::size_t rows, std::size_t position) override;

  private:
    FeatureSet& features_;
    std::uint64_t page_rows_;
};

}  // namespace erawise::decode
