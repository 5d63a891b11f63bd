#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "decode/parquet/feature_column.h"
#include "decode/parquet/feature_dictionary.h"
#include "decode/parquet/page.h"
#include "decode/parquet/page_facts.h"
#include "decode/parquet/page_probe.h"
#include "decode/parquet/page_rows.h"
#include "decode/parquet/page_runs.h"
#include "decode/parquet/plane_kernels.h"

namespace erawise::decode {

/// Decodes pages of features into planes or values; one per thread.
///
/// Fast form: dictionary indices of at most 4 bits, whatever the column's type. Where fewer rows
/// than a page has are asked for, such a page is read in slices, if its codec allows it; other
/// pages are held until the next one is needed, which may be another column's. Everything else goes
/// value by value. Nulls are missing values. Errors: Error(data) with column and byte.
class FeatureDecoder {
  public:
    FeatureDecoder(const RandomFile& file, PageLimits limits);
    FeatureDecoder(const FeatureDecoder&) = delete;
    FeatureDecoder& operator=(const FeatureDecoder&) = delete;

    void set_limits(PageLimits limits) noexcept { pages_.set_limits(limits); }

    /// Memory for pages, see PageReader::borrow().
    void borrow(std::span<char> memory) { pages_.borrow(memory); }

    /// Decodes the next `rows` rows into `target` from row `position` on, and moves the cursor. The
    /// cursor means nothing after needs_new_layout.
    LayoutFit decode(FeatureColumn& column, std::size_t rows, const ColumnTarget& target,
                     std::size_t position);

    /// Looks at pages ahead.
    [[nodiscard]] PageProbe& probe() noexcept { return probe_; }

    [[nodiscard]] const PageCount& pages() const noexcept { return rows_.count(); }
    /// What it takes beside the pages that are held.
    static std::uint64_t scratch_bytes() noexcept;

  private:
    const Page* page_at_cursor(FeatureColumn& column, std::size_t rows);
    bool begin_slices(FeatureColumn& column, const PageReader::Header& header);
    LayoutFit decode_dictionary(FeatureColumn& column, const Page& page);
    LayoutFit decode_slice(FeatureColumn& column, std::size_t rows, const ColumnTarget& target,
                           std::size_t position);
    LayoutFit decode_slice_rows(FeatureColumn& column, std::size_t rows, const ColumnTarget& target,
                                std::size_t position);
    LayoutFit decode_held(FeatureColumn& column, const Page& page, std::size_t rows,
                          const ColumnTarget& target, std::size_t position);
    LayoutFit decode_codes(FeatureColumn& column, std::size_t rows, const ColumnTarget& target,
                           std::size_t position);
    void decode_identical_codes(const FeatureColumn& column, std::size_t rows,
                                const ColumnTarget& target, std::size_t position);
    LayoutFit decode_codes_step(FeatureColumn& column, std::size_t rows, const ColumnTarget& target,
                                std::size_t position);
    void read_mapped_codes(const FeatureColumn& column, std::size_t count);
    const std::uint64_t* spread(unsigned plane, std::size_t rows, bool missing_bit);
    LayoutFit decode_values(FeatureColumn& column, std::size_t rows, const ColumnTarget& target,
                            std::size_t position);
    void copy_values(const FeatureColumn& column, std::span<const float> values,
                     float* target) const;

    const PlaneKernels& kernels_;
    PageReader pages_;
    FeatureDictionary dictionary_{pages_};
    PageRows rows_{pages_, dictionary_};
    PageProbe probe_{pages_, dictionary_, rows_};
    SlicedRuns sliced_runs_;

    std::vector<std::uint64_t> words_;  ///< scratch: 4 planes of codes, 4 planes of them spread
    Planes codes_{};
    Planes spread_{};
};

}  // namespace erawise::decode
