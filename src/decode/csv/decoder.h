#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "decode/csv/dictionary.h"
#include "decode/csv/kernels.h"
#include "decode/csv/text.h"
#include "decode/decoder.h"

namespace erawise::decode {

/// Decodes CSV text with a header line. Needs ids (id_column.h); without `era` the file is one era.
///
/// A feature starts as a coded column and stays one while it has at most 16 distinct values; then
/// it becomes plain for good. A batch ends early when that happens within it.
class CsvDecoder final : public Decoder {
  public:
    /// Rows with another `data_type` are passed over; empty: none are.
    CsvDecoder(std::unique_ptr<ByteSource> source, std::string name, era::EraOrder order,
               std::string data_type = {});

    [[nodiscard]] const std::vector<std::string>& column_names() const override { return names_; }
    const era::BlockLayout& select_columns(std::span<const SelectedColumn> columns) override;
    bool next(era::EraBatch& batch) override;
    [[nodiscard]] std::uint64_t consumed_bytes() const override {
        return text_.source().consumed_bytes();
    }
    [[nodiscard]] std::uint64_t memory_bytes() const override;
    void set_memory_source(MemorySource source) override { memory_source_ = std::move(source); }
    const era::BlockLayout& survey(const util::StopSignal& stop) override;

  private:
    /// How a feature is stored. Codes start with room for eight values: five, the missing one, and
    /// two to spare, so that meeting one more does not end a batch.
    struct Shape {
        era::ColumnForm form = era::ColumnForm::coded;
        std::uint8_t planes = 3;
    };
    enum class RowResult : std::uint8_t { stored, needs_new_layout };

    void read_header();
    bool next_row();
    void learn_from_first_rows();
    void learn_from_row();
    void require_room(era::EraBatch& batch);
    void rebuild_layout();
    bool widen(std::size_t column, CsvDictionary::Result result);
    void start(era::EraBatch& batch);
    void finish(era::EraBatch& batch);
    void check_field_count() const;
    [[nodiscard]] std::string_view era_of_row();
    RowResult store_row(era::EraBatch& batch);
    RowResult encode_slowly(std::size_t column, std::uint8_t& code);
    void store_plain_values(era::EraBatch& batch);
    void pack_staged_rows(era::EraBatch& batch);

    CsvText text_;
    std::vector<std::string> names_;
    MemorySource memory_source_;
    std::size_t id_field_ = 0;
    std::optional<std::size_t> era_field_;
    std::string data_type_;
    std::size_t data_type_field_ = 0;
    era::EraTracker tracker_;
    std::string last_era_;
    bool any_row_ = false;

    // One entry per selected feature, apart so that the hot loop touches little.
    std::vector<std::uint32_t> fields_;  ///< where it stands in the file
    std::vector<CsvDictionary> dictionaries_;
    std::vector<Shape> shapes_;

    std::vector<std::uint32_t> coded_;  ///< the features that are coded now
    std::vector<std::uint32_t> plain_;  ///< and those that are plain
    std::shared_ptr<const era::BlockLayout> layout_;
    bool layout_is_stale_ = true;
    std::unique_ptr<CodeRows> codes_;  ///< rows that are not packed into planes yet
    std::size_t staged_rows_ = 0;
};

}  // namespace erawise::decode
