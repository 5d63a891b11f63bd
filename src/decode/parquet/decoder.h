#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "decode/decoder.h"
#include "decode/parquet/feature_set.h"
#include "decode/parquet/footer.h"
#include "decode/parquet/group_rows.h"
#include "decode/parquet/memory.h"
#include "decode/parquet/page_policy.h"
#include "decode/parquet/row_group.h"
#include "decode/parquet/row_labels.h"
#include "decode/parquet/spilled_rows.h"
#include "decode/parquet/window_room.h"
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
    [[nodiscard]] WindowNeeds window_needs() const override { return room_.needs(); }
    bool grant(const MemoryGrant& memory) override;
    void set_memory_source(MemorySource source) override { room_.set_source(std::move(source)); }
    const era::BlockLayout& survey(const util::StopSignal& stop) override;

    [[nodiscard]] std::uint64_t spilled_bytes() const override { return spilled_bytes_; }

  private:
    void look_at_first_pages();
    void plan_for(const GroupFacts& pages);
    [[nodiscard]] ParquetMemory::File file_needs() const;
    void look_for_spill_folder();
    bool open_next_group();

    bool has_labels(era::EraBatch& batch);
    bool fill_window(era::EraBatch& batch);
    bool take_rows(era::EraBatch& batch);
    bool choose_rows(era::EraBatch& batch);
    [[nodiscard]] GroupMeans group_means() const;
    bool spill_group(era::EraBatch& batch);
    bool decode_features(std::size_t rows);
    void read_labels(std::size_t rows);
    void begin_era();
    void cut_rows(std::size_t from, std::size_t rows, era::EraBatch& batch);
    void log_pages() const;

    RandomFile file_;
    DecodeOptions options_;
    ParquetFooter footer_;
    std::vector<std::string> names_;
    era::EraTracker tracker_;

    util::WorkerPool pool_;
    FeatureSet features_;
    RowLabels labels_;
    WindowRoom room_;
    OpenRowGroup group_;

    std::unique_ptr<GroupRows> rows_;  ///< of the open group
    bool is_spilled_ = false;          ///< these rows are
    bool cannot_spill_ = false;
    bool has_looked_for_folder_ = false;
    std::uint64_t spilled_bytes_ = 0;

    std::size_t window_rows_ = 0;          ///< whose labels were read, too
    std::size_t rows_without_labels_ = 0;  ///< behind them
    std::uint64_t window_first_ = 0;       ///< row of the file
    std::string last_era_;
    bool any_row_ = false;
    std::atomic<std::uint64_t> consumed_ = 0;
};

}  // namespace erawise::decode
