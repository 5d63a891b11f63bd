#include "decode/null_fill.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace erawise::decode {
namespace {

/// Coded columns cost nothing: only the level changes.
void fill(era::EraBatch& batch, const std::vector<bool>& is_filled, float value) {
    for (std::size_t column = 0; column < batch.columns(); ++column) {
        if (!is_filled[column]) {
            continue;
        }
        if (batch.layout().columns[column].form == era::ColumnForm::coded) {
            for (float& level : batch.levels[column].values) {
                level = std::isnan(level) ? value : level;
            }
            continue;
        }
        for (std::size_t block = 0; block < batch.blocks(); ++block) {
            float* const values = batch.values(block, column);
            std::replace_if(
                values, values + batch.rows_in_block(block),
                [](float it) { return std::isnan(it); }, value);
        }
    }
}

class NullFill final : public Decoder {
  public:
    NullFill(std::unique_ptr<Decoder> decoder, float value)
        : decoder_(std::move(decoder)), value_(value) {}

    [[nodiscard]] const std::vector<std::string>& column_names() const override {
        return decoder_->column_names();
    }
    const era::BlockLayout& select_columns(std::span<const SelectedColumn> columns) override {
        is_filled_.clear();
        for (const SelectedColumn& column : columns) {
            is_filled_.push_back(column.piece == era::Piece::whole && !is_target_name(column.name));
        }
        return decoder_->select_columns(columns);
    }
    bool next(era::EraBatch& batch) override {
        const bool has_rows = decoder_->next(batch);
        if (has_rows) {
            fill(batch, is_filled_, value_);
        }
        return has_rows;
    }
    [[nodiscard]] std::uint64_t consumed_bytes() const override {
        return decoder_->consumed_bytes();
    }
    [[nodiscard]] std::uint64_t memory_bytes() const override { return decoder_->memory_bytes(); }
    [[nodiscard]] WindowNeeds window_needs() const override { return decoder_->window_needs(); }
    bool grant(const MemoryGrant& memory) override { return decoder_->grant(memory); }
    void set_memory_source(MemorySource source) override {
        decoder_->set_memory_source(std::move(source));
    }
    const era::BlockLayout& survey(const util::StopSignal& stop) override {
        return decoder_->survey(stop);
    }
    [[nodiscard]] std::uint64_t spilled_bytes() const override { return decoder_->spilled_bytes(); }

  private:
    std::unique_ptr<Decoder> decoder_;
    std::vector<bool> is_filled_;  ///< per selected column
    float value_;
};

}  // namespace

std::unique_ptr<Decoder> fill_nulls(std::unique_ptr<Decoder> decoder, float value) {
    return std::make_unique<NullFill>(std::move(decoder), value);
}

}  // namespace erawise::decode
