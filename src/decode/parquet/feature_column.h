#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "decode/parquet/number_values.h"
#include "decode/parquet/page.h"
#include "decode/parquet/plane_kernels.h"
#include "decode/parquet/streamed_runs.h"
#include "era/era_batch.h"
#include "era/number_pieces.h"

namespace erawise::decode {

/// A page that is decoded in slices, without being held in between: where the next one begins.
struct PageSlices {
    Page page;  ///< but for its bytes
    std::uint32_t row = 0;
    PageStream::Place place;
    std::uint8_t index_bits = 0;
    StreamedRuns::Mark indices;
    std::unique_ptr<StreamedRuns::Mark> levels;  ///< none: every row has a value
};

/// A feature of a Parquet file: how its values are stored here, and how far it has been read.
struct FeatureColumn {
    /// The page that comes next, and how many of its rows were taken already.
    struct Cursor {
        std::uint64_t page = 0;
        std::uint32_t skip = 0;
    };

    const ParquetColumn* column = nullptr;
    std::uint32_t index = 0;  ///< in the file
    era::Piece piece = era::Piece::whole;

    // As it is stored. Codes start with room for eight levels: five, the missing one, two to spare.
    era::Levels levels = {};
    era::ColumnForm form = era::ColumnForm::coded;
    std::uint8_t planes = 3;

    // Within a row group.
    ColumnChunk chunk = {};
    Cursor cursor = {};
    std::uint64_t dictionary_page = 0;  ///< 0: none was met yet
    std::uint32_t dictionary_size = 0;
    era::CodeMap
        map{};  ///< from the chunk's dictionary to `levels`, when it has at most 16 entries
    bool map_is_identity = false;
    bool needs_whole_pages = false;        ///< one of its pages could not be sliced
    std::unique_ptr<PageSlices> slices{};  ///< of the page at the cursor, once a part was decoded

    /// Goes to the beginning of a row group.
    void open(const ColumnChunk& next_chunk) {
        chunk = next_chunk;
        cursor = {chunk.begin, 0};
        dictionary_page = 0;
        dictionary_size = 0;
        needs_whole_pages = false;
        slices.reset();
    }

    /// Where in the file reading goes on.
    [[nodiscard]] std::uint64_t file_position() const noexcept {
        return slices ? slices->place.begin + slices->indices.stream.input : cursor.page;
    }
};

/// Where a column's rows go: planes, or values for a plain column.
struct ColumnTarget {
    Planes planes{};
    float* values = nullptr;
};

/// Rows that were decoded, by page: a page in the fast form goes to planes without its values ever
/// being looked at.
struct PageCount {
    std::uint64_t fast = 0;
    std::uint64_t other = 0;
    std::uint64_t sliced = 0;  ///< fast ones that were not in memory as a whole
};

/// Decodes pages of features into planes or values; one per thread.
///
/// Fast form: dictionary indices of at most 4 bits, whatever the column's type. Where fewer rows
/// than a page has are asked for, such a page is read in slices, if its codec allows it; other
/// pages are held until the next one is needed, which may be another column's. Everything else goes
/// value by value. Nulls are missing values. Errors: Error(data) with column and byte.
class FeatureDecoder {
  public:
    FeatureDecoder(const RandomFile& file, PageLimits limits);

    void set_limits(PageLimits limits) noexcept { pages_.set_limits(limits); }

    /// Memory for pages, see PageReader::borrow().
    void borrow(std::span<char> memory) { pages_.borrow(memory); }

    enum class Result : std::uint8_t {
        done,
        needs_new_layout  ///< the column's form or planes changed: the rows do not fit the target
    };

    /// Decodes the next `rows` rows into `target` from row `position` on, and moves the cursor. The
    /// cursor means nothing after needs_new_layout.
    Result decode(FeatureColumn& column, std::size_t rows, const ColumnTarget& target,
                  std::size_t position);

    /// What pages tell beside the column's form and its levels so far.
    struct Probe {
        std::uint32_t page_rows = 0;         ///< of the first one
        bool is_sliceable = false;           ///< the first one need not be in memory as a whole
        std::uint64_t page_bytes = 0;        ///< of the largest, compressed and not
        std::uint64_t held_bytes = 0;        ///< of the largest that is not sliceable, or not long
        std::uint64_t dictionary_bytes = 0;  ///< of its values
    };
    /// Looks at the first rows of the chunk. `long_rows`: pages of more rows are long.
    Probe probe(FeatureColumn& column, std::size_t long_rows);
    /// Looks at all of its rows, as far as they tell more.
    Probe survey(FeatureColumn& column, std::size_t long_rows);

    [[nodiscard]] const PageCount& pages() const noexcept { return count_; }
    /// What it takes beside the pages that are held.
    static std::uint64_t scratch_bytes() noexcept;

  private:
    /// Rows that are decoded at a time where that takes several steps. They stay in the cache.
    static constexpr std::size_t kStepRows = 16384;
    static constexpr std::size_t kStepWords = kStepRows / 64 + 1;

    /// A page that is decoded in parts: where the last part ended.
    struct Position {
        std::uint64_t generation = 0;  ///< of the page's bytes; 0: no page
        std::uint32_t row = 0;
        era::Piece piece = era::Piece::whole;
        bool is_fast = false;
        bool is_sliced = false;
        bool all_defined = false;
        HybridRuns levels;
        HybridRuns indices;
        unsigned index_bits = 0;
        NumberValues numbers;
    };

    /// How much of the pages is looked at.
    struct Extent {
        std::size_t rows;        ///< of a page
        std::size_t long_rows;   ///< pages of more rows are long
        bool is_survey = false;  ///< what is not looked at counts as values of all kinds
    };
    PageReader::Header look_at_page(FeatureColumn& column, std::uint64_t offset,
                                    const Extent& extent, Probe& probe);
    void learn_dictionary(FeatureColumn& column, const PageReader::Header& header);
    void learn_page(FeatureColumn& column, const PageReader::Header& header, const Extent& extent);
    void learn_values(FeatureColumn& column, const Page& page, std::size_t rows);
    void learn_null(FeatureColumn& column, const Page& page, std::size_t rows);
    Result take_dictionary(FeatureColumn& column, const Page& page);
    Result add_level(FeatureColumn& column, float value, std::uint8_t& code, std::uint64_t place);
    void load_dictionary(FeatureColumn& column);
    void restore_dictionary(const FeatureColumn& column);
    const Page* page_at_cursor(FeatureColumn& column, std::size_t rows);
    bool open_slices(FeatureColumn& column, const PageReader::Header& header);
    void open_levels(PageSlices& slices, std::uint64_t bytes);
    Result decode_slice(FeatureColumn& column, std::size_t rows, const ColumnTarget& target,
                        std::size_t position);
    HybridRuns::Run next_level(std::size_t limit);
    HybridRuns::Run next_index(std::size_t limit);
    Result decode_part(FeatureColumn& column, const Page& page, std::size_t rows,
                       const ColumnTarget& target, std::size_t position);
    void start_page(const FeatureColumn& column, const Page& page);
    void skip_rows(const FeatureColumn& column, const Page& page, std::size_t rows);
    std::size_t read_defined(const FeatureColumn& column, const Page& page, std::size_t rows);
    void unpack_indices(const FeatureColumn& column, const Page& page, std::size_t count,
                        const Planes& planes, std::size_t position);
    void check_codes(const FeatureColumn& column, const Page& page, const Planes& planes,
                     std::size_t position, std::size_t count) const;
    Result decode_fast(FeatureColumn& column, const Page& page, std::size_t rows,
                       const ColumnTarget& target, std::size_t position);
    Result decode_values(FeatureColumn& column, const Page& page, std::size_t rows,
                         const ColumnTarget& target, std::size_t position);
    void read_values(const FeatureColumn& column, const Page& page, std::size_t rows);
    Result encode(FeatureColumn& column, std::size_t rows, const Planes& planes,
                  std::size_t position, std::uint64_t place);
    [[noreturn]] void fail(const FeatureColumn& column, std::uint64_t page,
                           const std::string& what) const;

    const PlaneKernels& kernels_;
    PageReader pages_;
    PageStream index_stream_;
    PageStream level_stream_;
    StreamedRuns streamed_indices_{index_stream_};
    StreamedRuns streamed_levels_{level_stream_};
    PageCount count_;
    Position at_;
    std::vector<float> dictionary_;
    std::uint64_t dictionary_page_ = 0;  ///< the one in dictionary_
    era::Piece dictionary_piece_ = era::Piece::whole;

    std::vector<std::uint64_t> words_;  ///< scratch: 4 planes, 4 planes, defined rows
    Planes codes_{};
    Planes spread_{};
    std::uint64_t* defined_ = nullptr;
    std::vector<float> values_;
};

}  // namespace erawise::decode
