#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decode/parquet/feature_column.h"
#include "decode/parquet/page.h"

namespace erawise::decode {

/// The dictionary of a feature, as values: the one that was read last, for columns take turns.
///
/// Up to 16 entries become levels of the column, and the chunk's codes a map to them. Errors:
/// Error(data) with column and byte; those of PageReader.
class FeatureDictionary {
  public:
    /// `pages` must live as long.
    explicit FeatureDictionary(PageReader& pages) : pages_(pages) {}

    /// `page`: a dictionary page of the column's chunk. A column of more than 16 entries turns
    /// plain.
    LayoutFit take(FeatureColumn& column, const Page& page);

    /// Has the values of a plain column's dictionary: another column's may have been read since.
    void load(FeatureColumn& column);

    /// The same for a coded column, whose levels tell what was in it: for indices that are wider
    /// than planes, which some writers make of a short dictionary as well.
    void restore(const FeatureColumn& column);

    [[nodiscard]] std::span<const float> values() const noexcept { return values_; }

  private:
    [[nodiscard]] bool is_of(const FeatureColumn& column) const noexcept;
    void read_values(const FeatureColumn& column, const Page& page);
    LayoutFit map_codes(FeatureColumn& column, std::uint64_t page);

    PageReader& pages_;
    std::vector<float> values_;
    std::uint64_t page_ = 0;  ///< which has the values
    era::Piece piece_ = era::Piece::whole;
};

}  // namespace erawise::decode
