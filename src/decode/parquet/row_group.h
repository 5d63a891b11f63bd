#pragma once

#include <cstdint>
#include <vector>

#include "decode/parquet/feature_set.h"
#include "decode/parquet/footer.h"
#include "decode/parquet/page_facts.h"
#include "decode/parquet/page_policy.h"
#include "decode/parquet/row_labels.h"

namespace erawise::decode {

/// The row group of a file that is being read, one after the other: how far, and what the headers
/// of its pages say. Groups without rows are passed over.
class OpenRowGroup {
  public:
    /// They must live as long.
    OpenRowGroup(const ParquetFooter& footer, FeatureSet& features, RowLabels& labels)
        : footer_(footer), features_(features), labels_(labels) {}

    /// `columns`: those of the features, then those of the labels, by their numbers in the file.
    void select(std::vector<std::uint32_t> columns) { columns_ = std::move(columns); }
    /// The feature whose pages stand for the others, and are looked at in every row group.
    void set_sample(std::size_t feature) { sample_ = feature; }

    /// Goes before the first one.
    void rewind() noexcept;
    /// Goes to the beginning of the next one. False at the end.
    bool open_next();
    /// Looks at the sample's pages, as open_next() does once there is one.
    void look_at_sample();

    [[nodiscard]] std::uint64_t rows() const noexcept {
        return next_ == 0 ? 0 : footer_.row_groups()[next_ - 1].rows;
    }
    [[nodiscard]] std::uint64_t row() const noexcept { return row_; }
    [[nodiscard]] std::uint64_t rows_left() const noexcept { return rows() - row_; }
    void advance(std::size_t rows) noexcept { row_ += rows; }

    /// What it needs, by the sample.
    [[nodiscard]] GroupNeeds needs() const noexcept;
    /// The same by all features, whose headers are read once for a group.
    GroupNeeds needs_of_all();
    /// What was seen of all features of the open group already.
    void take_facts(const GroupFacts& facts) noexcept;

    [[nodiscard]] const TextFacts& texts() const noexcept { return texts_; }

    /// Whether the sample fits a layout. Looking at a page reads its dictionary, which may have
    /// values that the groups before did not have.
    [[nodiscard]] bool fits(const era::BlockLayout& layout) const noexcept;

  private:
    const ParquetFooter& footer_;
    FeatureSet& features_;
    RowLabels& labels_;
    std::vector<std::uint32_t> columns_;
    std::size_t sample_ = SIZE_MAX;
    std::size_t next_ = 0;   ///< 1 more than the one that is open
    std::uint64_t row_ = 0;  ///< of the open one: rows before it are in windows already
    PageFacts sample_facts_;
    GroupFacts facts_;          ///< of all features
    std::size_t facts_of_ = 0;  ///< which group's these are, as next_ counts; 0: none's
    TextFacts texts_;
};

}  // namespace erawise::decode
