#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decode/parquet/feature_column.h"
#include "decode/parquet/feature_dictionary.h"
#include "decode/parquet/number_values.h"
#include "decode/parquet/page.h"
#include "decode/parquet/page_runs.h"
#include "decode/parquet/plane_kernels.h"

namespace erawise::decode {

/// Pages of which rows were decoded: one in the fast form goes to planes without its values ever
/// being looked at.
struct PageCount {
    std::uint64_t fast = 0;
    std::uint64_t other = 0;
    std::uint64_t sliced = 0;  ///< fast ones that were not in memory as a whole
};

/// The rows of a page, from the first to the last: which of them have a value, and their codes (in
/// a page of the fast form) or their values. The page is in memory, or read in slices.
///
/// Errors: Error(data) with column and byte.
class PageRows {
  public:
    /// Rows that are decoded at a time where that takes several steps. They stay in the cache.
    static constexpr std::size_t kStepRows = 16384;
    static constexpr std::size_t kStepWords = kStepRows / 64 + 1;

    /// They must live as long. `pages` holds the pages that are in memory.
    PageRows(PageReader& pages, FeatureDictionary& dictionary);

    /// Goes to the first row of `page`, which is in memory.
    void start(const FeatureColumn& column, const Page& page);
    /// Goes on in a page that is read in slices, where `runs` were opened.
    void start(const FeatureColumn& column, const PageSlices& slices, SlicedRuns& runs);
    void end() noexcept { generation_ = 0; }

    /// Whether the next row of the page in memory is the column's next one.
    [[nodiscard]] bool is_at(const FeatureColumn& column) const noexcept;
    [[nodiscard]] bool is_at_end() const noexcept { return row_ == page_.rows; }

    /// Dictionary indices of at most 4 bits, whatever the column's type.
    [[nodiscard]] bool is_fast() const noexcept { return is_fast_; }
    [[nodiscard]] bool all_defined() const noexcept { return all_defined_; }
    [[nodiscard]] unsigned index_bits() const noexcept { return index_bits_; }
    [[nodiscard]] std::uint64_t page_begin() const noexcept { return page_.begin; }

    /// Passes over the next rows.
    void skip(const FeatureColumn& column, std::size_t rows);
    /// Notes that the next rows will be taken, by read_codes() or read_values().
    void advance(std::size_t rows) noexcept { row_ += static_cast<std::uint32_t>(rows); }

    /// Which of the next rows have a value, as bits in defined(); returns how many have.
    std::size_t read_defined(const FeatureColumn& column, std::size_t rows);
    [[nodiscard]] const std::uint64_t* defined() const noexcept { return defined_.data(); }

    /// The codes of the next `count` values, as numbers of entries of the chunk's dictionary, into
    /// index_bits() planes.
    void read_codes(const FeatureColumn& column, std::size_t count, const Planes& planes,
                    std::size_t position);

    /// The next rows, at most kStepRows, as floats, missing ones among them. Valid until the next
    /// call.
    std::span<const float> read_values(const FeatureColumn& column, std::size_t rows);

    [[nodiscard]] PageCount& count() noexcept { return count_; }
    [[nodiscard]] const PageCount& count() const noexcept { return count_; }

    static constexpr std::uint64_t kScratchBytes =
        kStepWords * sizeof(std::uint64_t) + kStepRows * sizeof(float);

  private:
    void look_at_levels(const FeatureColumn& column);
    void start_indices(const FeatureColumn& column);
    void start_values(const FeatureColumn& column);
    [[nodiscard]] std::size_t count_values(const FeatureColumn& column) const;
    void check_codes(const FeatureColumn& column, const Planes& planes, std::size_t position,
                     std::size_t count) const;
    [[noreturn]] void fail(const FeatureColumn& column, const std::string& what) const;

    const PlaneKernels& kernels_;
    PageReader& pages_;
    FeatureDictionary& dictionary_;
    PageCount count_;

    Page page_;
    std::uint64_t generation_ = 0;  ///< of the page's bytes; 0: no page, or one in slices
    std::uint32_t row_ = 0;         ///< that comes next
    era::Piece piece_ = era::Piece::whole;
    bool is_fast_ = false;
    bool all_defined_ = false;
    unsigned index_bits_ = 0;
    HeldRuns held_runs_;
    PageRuns* runs_ = &held_runs_;
    NumberValues numbers_;

    std::vector<std::uint64_t> defined_;
    std::vector<float> values_;
};

}  // namespace erawise::decode
