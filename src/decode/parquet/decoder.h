#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decode/decoder.h"
#include "decode/parquet/feature_set.h"
#include "decode/parquet/footer.h"
#include "decode/parquet/group_spill.h"
#include "decode/parquet/memory.h"
#include "decode/parquet/plane_window.h"
#include "decode/parquet/text_column.h"
#include "decode/random_file.h"
#include "util/worker_pool.h"

namespace erawise::decode {

/// Decodes a Parquet file.
///
/// Pages of the selected features are decoded into a window of rows, a column per task of the
/// worker pool; batches are cut from the window. Ids are the column `id`, or an index without a
/// name (id_column.h); without `era` the file is one era.
class ParquetDecoder final : public Decoder {
  public:
    ParquetDecoder(const std::filesystem::path& path, DecodeOptions options);
    ~ParquetDecoder() override;

    [[nodiscard]] const std::vector<std::string>& column_names() const override { return names_; }
    const era::BlockLayout& select_columns(std::span<const SelectedColumn> columns) override;
    bool next(era::EraBatch& batch) override;
    [[nodiscard]] std::uint64_t consumed_bytes() const override;
    [[nodiscard]] std::uint64_t memory_bytes() const override;
    [[nodiscard]] WindowNeeds window_needs() const override;
    bool grant(const MemoryGrant& memory) override;
    void set_memory_source(MemorySource source) override { memory_source_ = std::move(source); }
    const era::BlockLayout& survey(const util::StopSignal& stop) override;

    [[nodiscard]] std::uint64_t spilled_bytes() const override { return spilled_bytes_; }

  private:
    /// Kept rows of the window that follow each other in one era.
    struct Piece {
        std::string era;
        std::size_t first = 0;
        std::size_t rows = 0;
    };

    /// Ids, eras, kinds of rows; nullptr where there is none.
    [[nodiscard]] std::array<TextColumn*, 3> text_columns() const;
    std::optional<std::uint32_t> find(std::string_view name) const;
    void add_columns(std::span<const SelectedColumn> selected);
    void require_once(std::string_view name, std::size_t first, std::size_t last) const;
    std::unique_ptr<TextColumn> text_column(std::string_view name, std::string_view purpose);
    void probe_first_pages();
    void rebuild_layout();
    [[nodiscard]] ParquetMemory::File file_needs() const;

    bool fill_window(era::EraBatch& batch);
    void make_room(era::EraBatch& batch);
    [[nodiscard]] bool has_room(const era::EraBatch& batch) const;
    void ask_for_memory(era::EraBatch& batch);
    bool take_rows(era::EraBatch& batch);
    bool decode_features(std::size_t rows);
    void expect_page(const PageTooLarge& page);
    void probe_sample();
    void probe_texts();
    void look_for_spill_folder();
    bool open_next_group();
    [[nodiscard]] bool layout_has_room_for_sample() const;
    void spill_group(era::EraBatch& batch);
    bool spill_features(std::uint64_t rows);
    std::span<std::byte> lend_to_pages(std::span<std::byte> memory, std::uint64_t rows);
    [[nodiscard]] bool pages_are_too_large() const;
    [[nodiscard]] std::size_t rows_to_take() const;
    void log_pages() const;
    [[nodiscard]] bool has_room_for_texts() const;
    void read_texts(std::size_t rows);
    void forget_texts();
    [[nodiscard]] std::size_t rows_with_ids(std::size_t rows, const era::EraBatch& batch) const;
    void append_piece(std::string_view era, std::size_t row);
    void require_short(std::string_view column, std::size_t row, std::string_view text,
                       std::size_t most);
    [[noreturn]] void fail_row(std::string_view column, std::size_t row, std::string_view what);
    void cut_rows(std::size_t from, std::size_t rows, era::EraBatch& batch);

    RandomFile file_;
    DecodeOptions options_;
    ParquetFooter footer_;
    std::vector<std::string> names_;
    era::EraTracker tracker_;

    util::WorkerPool pool_;
    FeatureSet features_;
    std::unique_ptr<TextColumn> ids_;
    std::unique_ptr<TextColumn> eras_;        ///< none: the file is one era
    std::unique_ptr<TextColumn> data_types_;  ///< none: rows are not filtered
    std::vector<std::uint32_t> columns_;      ///< in the file: features, then the texts

    std::shared_ptr<const era::BlockLayout> layout_;
    bool layout_is_stale_ = true;
    bool lacks_memory_ = false;  ///< pages take more than there was for them
    ParquetMemory memory_;
    ParquetMemory::Texts texts_;  ///< of the open row group
    MemorySource memory_source_;
    MemoryGrant granted_;
    std::uint64_t expected_page_ = 0;  ///< the largest for which memory was asked
    std::uint64_t expected_spilled_page_ = 0;
    std::uint32_t page_rows_ = 0;  ///< of the sample in the open row group

    std::size_t group_ = 0;        ///< the next one, 1 more than the one that is open
    std::uint64_t group_row_ = 0;  ///< rows of the open one that are in windows already
    std::atomic<std::uint64_t> consumed_ = 0;

    std::unique_ptr<GroupSpill> spill_;  ///< of the open row group, where its pages are too large
    std::uint64_t spilled_bytes_ = 0;
    std::size_t sample_ = SIZE_MAX;     ///< the feature whose pages stand for the others
    bool sample_is_sliceable_ = false;  ///< in the open row group
    bool cannot_spill_ = false;
    bool has_looked_for_folder_ = false;

    PlaneWindow window_;
    std::size_t window_rows_ = 0;         ///< whose ids and eras were read, too
    std::size_t rows_without_texts_ = 0;  ///< behind them
    std::uint64_t window_first_ = 0;      ///< row of the file
    std::vector<Piece> pieces_;
    std::size_t piece_ = 0;
    era::RowIds window_ids_;
    std::size_t next_id_ = 0;
    std::string last_era_;
    bool any_row_ = false;
};

}  // namespace erawise::decode
