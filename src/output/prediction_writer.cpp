#include "output/prediction_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "output/csv_sink.h"
#include "stats/rank.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::output {

PredictionWriter::PredictionWriter(WriterOptions options)
    : options_(std::move(options)), sink_(std::make_unique<CsvSink>(options_.path, options_.stop)) {
    sink_->line("id", options_.prediction_column);
}

PredictionWriter::~PredictionWriter() = default;
PredictionWriter::PredictionWriter(PredictionWriter&&) noexcept = default;
PredictionWriter& PredictionWriter::operator=(PredictionWriter&&) noexcept = default;

void PredictionWriter::add(const era::EraBatch& batch, std::span<const double> predictions) {
    rows_ += batch.rows();
    if (options_.transform != Transform::none) {
        hold(batch, predictions);
        return;
    }
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        if (options_.precision == Precision::float32) {
            sink_->line(batch.ids[row], static_cast<float>(predictions[row]));
        } else {
            sink_->line(batch.ids[row], predictions[row]);
        }
    }
}

void PredictionWriter::hold(const era::EraBatch& batch, std::span<const double> predictions) {
    if (batch.era != era_) {
        write_held_era();
        era_ = batch.era;
    }
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        if (std::isnan(predictions[row])) {
            throw util::Error(util::ErrorKind::model,
                              fmt::format("the prediction of row '{}' in era '{}' is not a number, "
                                          "so the era cannot be ranked; check the model",
                                          batch.ids[row], batch.era));
        }
        ids_.push_back(batch.ids[row]);
    }
    values_.insert(values_.end(), predictions.begin(),
                   predictions.begin() + static_cast<std::ptrdiff_t>(batch.rows()));
    const std::uint64_t needed = held_era_bytes(values_.size(), ids_.memory_bytes());
    if (needed > options_.era_memory_bytes) {
        throw util::Error(
            util::ErrorKind::memory,
            fmt::format(
                "era '{}' has more than {} rows, and ranking them takes {} where the memory "
                "plan has {}; raise the limit, or use --transform none",
                era_, values_.size(), util::format_byte_size(needed),
                util::format_byte_size(options_.era_memory_bytes)));
    }
}

void PredictionWriter::write_held_era() {
    ranks_.resize(values_.size());
    stats::rank_within_era(values_, order_, ranks_);
    for (std::size_t row = 0; row < values_.size(); ++row) {
        sink_->line(ids_[row], ranks_[row]);
    }
    ids_.clear();
    values_.clear();
}

void PredictionWriter::finish() {
    write_held_era();
    if (options_.result == Result::kept || options_.path == "-") {
        sink_->finish();
    }
}

std::uint64_t held_era_bytes(std::uint64_t rows, std::uint64_t id_bytes) {
    return id_bytes + rows * (sizeof(std::uint32_t) + 2 * sizeof(double));
}

}  // namespace erawise::output
