#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "decode/parquet/feature_column.h"
#include "decode/parquet/feature_decoder.h"
#include "decode/parquet/footer.h"
#include "decode/parquet/page_facts.h"
#include "decode/random_file.h"
#include "era/era_batch.h"
#include "util/worker_pool.h"

namespace erawise::decode {

/// The features of a Parquet file that are in use. They are decoded side by side, a few per task of
/// a worker pool, and their pages are asked for ahead where they come from a disk.
///
/// Used by one thread at a time. Errors: those of FeatureDecoder.
class FeatureSet {
  public:
    /// `file` and `pool` must live as long.
    FeatureSet(const RandomFile& file, util::WorkerPool& pool, PageLimits limits);

    /// `column`: number `index` of the file; must live as long.
    void add(const ParquetColumn& column, std::uint32_t index, era::Piece piece);

    [[nodiscard]] std::size_t size() const noexcept { return features_.size(); }
    [[nodiscard]] const FeatureColumn& operator[](std::size_t index) const noexcept {
        return features_[index];
    }

    /// Threads that decode side by side.
    [[nodiscard]] std::size_t workers() const noexcept { return decoders_.size(); }

    void set_limits(PageLimits limits) noexcept;

    /// Goes to the beginning of a row group of `rows` rows. `chunks`: one per feature.
    void open(std::span<const ColumnChunk> chunks, std::uint64_t rows);
    /// Goes there once more.
    void reopen();

    /// What pages of the open row group tell, of all features or of one.
    GroupFacts probe_first_pages();
    GroupFacts survey_pages();
    /// What the first pages' headers tell alone, see PageProbe::look_at_headers().
    GroupFacts look_at_headers();
    PageFacts probe_one(std::size_t index);

    /// How the features are stored, as far as is known.
    [[nodiscard]] era::BlockLayout layout() const;

    using TargetOf = std::function<ColumnTarget(std::size_t index)>;

    /// Decodes the next `rows` rows of features [first, last), to row `position` of their targets.
    /// False when a feature turned out to need another layout: reopen() has to follow.
    bool decode(std::size_t first, std::size_t last, std::size_t rows, const TargetOf& target_of,
                std::size_t position);
    /// The same with all features. False, or PageTooLarge: nothing was taken.
    bool decode_all(std::size_t rows, const TargetOf& target_of, std::size_t position);

    /// Lends each worker `share` bytes of `memory` for its pages; returns the rest. See
    /// PageReader::borrow().
    std::span<std::byte> lend(std::span<std::byte> memory, std::size_t share);
    void take_back();

    /// Pages that were decoded so far.
    [[nodiscard]] PageCount pages() const;

    /// What each feature takes; `is_sliced`: in pages that are read in slices.
    static std::uint64_t bytes_per_feature(bool is_sliced) noexcept;

  private:
    template <typename Look>
    GroupFacts look_at_pages(Look&& look);
    template <typename Body>
    void for_each(std::size_t first, std::size_t last, std::size_t rows, Body&& body);
    void announce(std::size_t begin, std::size_t end, std::size_t rows,
                  std::span<const std::uint64_t> positions) const;

    const RandomFile& file_;
    util::WorkerPool& pool_;
    std::vector<FeatureColumn> features_;
    std::vector<std::unique_ptr<FeatureDecoder>> decoders_;  ///< one per worker
    std::uint64_t group_rows_ = 0;
};

}  // namespace erawise::decode
