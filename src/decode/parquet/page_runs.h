#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "decode/parquet/feature_column.h"
#include "decode/parquet/hybrid_runs.h"
#include "decode/parquet/page.h"
#include "decode/parquet/page_slices.h"
#include "decode/parquet/page_stream.h"
#include "decode/parquet/streamed_runs.h"
#include "decode/random_file.h"

namespace erawise::decode {

/// The runs of a page of codes: its definition levels, and its indices to a dictionary. There is
/// one for each way to have a page: in memory as a whole, or in slices.
///
/// The bytes of a run are valid until the next call.
class PageRuns {
  public:
    PageRuns() = default;
    virtual ~PageRuns() = default;
    PageRuns(const PageRuns&) = delete;
    PageRuns& operator=(const PageRuns&) = delete;

    /// The next values of one kind, at most `limit` of them; none: the page is damaged, or has no
    /// more.
    virtual HybridRuns::Run next_level(std::size_t limit) = 0;
    virtual HybridRuns::Run next_index(std::size_t limit) = 0;
};

/// Of a page that is in memory.
class HeldRuns final : public PageRuns {
  public:
    void open_levels(std::span<const char> bytes) noexcept { levels_ = HybridRuns(bytes, 1); }
    void open_indices(std::span<const char> bytes, unsigned width) noexcept {
        indices_ = HybridRuns(bytes, width);
    }
    void close() noexcept { levels_ = indices_ = {}; }

    HybridRuns::Run next_level(std::size_t limit) override { return levels_.next(limit); }
    HybridRuns::Run next_index(std::size_t limit) override { return indices_.next(limit); }

    /// The levels from where they are, for looking ahead.
    [[nodiscard]] HybridRuns levels() const noexcept { return levels_; }

  private:
    HybridRuns levels_;
    HybridRuns indices_;
};

/// Of pages that are read in slices, which columns take in turn.
class SlicedRuns final : public PageRuns {
  public:
    /// `file` and `pages`, whose fail() tells what is wrong, must live as long.
    SlicedRuns(const RandomFile& file, const PageReader& pages)
        : pages_(pages), index_stream_(file), level_stream_(file) {}

    /// Whether a page need not be in memory as a whole.
    static bool takes(const FeatureColumn& column, const PageReader::Header& header);

    /// The beginning of a page that takes() said yes to. None: it has to be in memory as a whole
    /// after all.
    std::unique_ptr<PageSlices> begin(const FeatureColumn& column,
                                      const PageReader::Header& header);

    /// Goes to where the next slice begins, of which `rows` rows are wanted now.
    void open(const PageSlices& slices, std::size_t rows);
    /// Notes in `slices`, which were opened, where the next slice begins.
    void keep(PageSlices& slices) const;
    /// After the last row. Error(data) when something is left, or the checksum is wrong.
    void finish(const FeatureColumn& column, std::uint64_t page);

    /// Whether the page repeats what is no longer known: it has to be in memory as a whole.
    [[nodiscard]] bool repeats_too_far(const PageSlices& slices) const noexcept {
        return index_stream_.repeats_too_far() ||
               (slices.levels && level_stream_.repeats_too_far());
    }

    HybridRuns::Run next_level(std::size_t limit) override { return levels_.next(limit); }
    HybridRuns::Run next_index(std::size_t limit) override { return indices_.next(limit); }

    /// Buffers.
    static constexpr std::uint64_t kScratchBytes =
        2 * (PageStream::kInputBytes + PageStream::kHistoryBytes + StreamedRuns::kPieceBytes);

  private:
    bool pass_levels(const FeatureColumn& column, const PageReader::Header& header,
                     PageSlices& slices);
    void begin_levels(PageSlices& slices, std::uint64_t bytes);

    const PageReader& pages_;
    PageStream index_stream_;
    PageStream level_stream_;
    StreamedRuns indices_{index_stream_};
    StreamedRuns levels_{level_stream_};
};

}  // namespace erawise::decode
