#pragma once

#include <cstddef>
#include <cstdint>

#include "decode/decoder.h"
#include "decode/parquet/page_facts.h"
#include "decode/parquet/page_policy.h"
#include "era/era_batch.h"

namespace erawise::decode {

/// What decoding a Parquet file takes, by what was seen of its pages so far, and how many rows a
/// window of it should have. Everything that is seen later on can only add to it.
class ParquetMemory {
  public:
    /// What does not depend on the pages.
    struct File {
        std::uint64_t rows = 0;
        std::uint64_t most_group_rows = 0;
        std::uint64_t fixed_bytes = 0;  ///< metadata, and what each feature takes
        std::size_t features = 0;
        std::size_t workers = 1;
    };

    void set_file(const File& file) noexcept { file_ = file; }

    /// Pages of features; which of them stay in memory depends on slices_pages().
    void see(const GroupFacts& pages) noexcept;
    /// Rows of the pages by which windows are cut.
    void see_page_rows(std::uint64_t rows) noexcept;
    /// Pages of ids, eras and kinds of rows in one row group. True when they take more than before.
    bool see_texts(const TextFacts& texts) noexcept;
    /// Their large pages are in memory while rows are read: they do not go through a file. True
    /// when they take more than before.
    bool hold_large_texts(const TextFacts& texts) noexcept;
    /// A page of a feature that is larger than was known.
    void see_large_page(std::uint64_t bytes) noexcept;
    /// The same where it is in memory while there are rows in the window.
    void hold_large_page(std::uint64_t bytes) noexcept;

    /// Nearly all pages can be read in slices.
    void slice_pages() noexcept { slices_pages_ = true; }
    /// There is a folder for temporary files.
    void take_spill_files() noexcept { has_spill_folder_ = true; }
    /// A row group will go through one, whatever its pages are like.
    void spill_group() noexcept { spills_group_ = true; }

    [[nodiscard]] bool slices_pages() const noexcept { return slices_pages_; }
    /// No window is long enough for a page.
    [[nodiscard]] bool has_long_pages() const noexcept;
    /// Row groups with long pages go through temporary files.
    [[nodiscard]] bool will_spill() const noexcept;

    [[nodiscard]] std::size_t most_window_rows() const noexcept;
    [[nodiscard]] WindowNeeds window_needs(const era::BlockLayout& layout) const noexcept;
    /// `rows` rows of the column that takes most.
    static std::uint64_t largest_column_bytes(const era::BlockLayout& layout,
                                              std::uint64_t rows) noexcept;
    /// Whether a window of `window_bytes` has room to spill the largest row group, and the largest
    /// page of ids before it.
    [[nodiscard]] bool has_room_to_spill(const era::BlockLayout& layout,
                                         std::uint64_t window_bytes) const noexcept;
    /// Of the largest page that is in the plan.
    [[nodiscard]] std::uint64_t page_bytes() const noexcept;
    /// What a worker's pages take where they are in the window's memory.
    [[nodiscard]] std::uint64_t page_share_bytes() const noexcept;
    /// All but the window.
    [[nodiscard]] std::uint64_t decoder_bytes() const noexcept;

    /// A window is as long as a page where that fits: pandas writes pages of 20,000 rows, and each
    /// is then decoded once. Never shorter than an era.
    static constexpr std::size_t kMinWindowRows = 8192;

    /// A longer window makes nothing faster, and this is a third of the smallest containers in use.
    static constexpr std::uint64_t kMaxWindowBytes = std::uint64_t{24} << 20;

  private:
    [[nodiscard]] bool may_spill() const noexcept;
    [[nodiscard]] std::size_t preferred_rows() const noexcept;
    [[nodiscard]] std::uint64_t text_page_bytes() const noexcept;
    [[nodiscard]] std::uint64_t least_window_bytes(const era::BlockLayout& layout) const noexcept;

    File file_;
    bool slices_pages_ = false;
    bool has_spill_folder_ = false;
    bool spills_group_ = false;
    std::uint64_t page_rows_ = 0;
    std::uint64_t page_bytes_ = 0;       ///< of the largest, wherever it is
    std::uint64_t held_page_bytes_ = 0;  ///< of the largest that is not in the window's memory
    std::uint64_t dictionary_bytes_ = 0;
    std::uint64_t text_bytes_ = 0;             ///< pages and dictionaries of ids and eras
    std::uint64_t large_text_page_bytes_ = 0;  ///< of the largest that has to be spilled
    std::uint64_t held_text_bytes_ = 0;        ///< of those that are not
};

}  // namespace erawise::decode
