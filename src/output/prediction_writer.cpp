#include "output/prediction_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "output/csv_sink.h"
#include "util/error.h"

namespace erawise::output {

PredictionWriter::PredictionWriter(WriterOptions options)
    : options_(std::move(options)), sink_(std::make_unique<CsvSink>(options_.path, options_.stop)) {
    sink_->line("id", options_.prediction_column);
}

PredictionWriter::~PredictionWriter() = default;
PredictionWriter::PredictionWriter(PredictionWriter&&) noexcept = default;
PredictionWriter& PredictionWriter::operator=(PredictionWriter&&) noexcept = default;

void PredictionWriter::write(const era::RowIds& ids, std::span<const double> predictions) {
    refuse_non_finite(ids, predictions);
    rows_ += ids.size();
    for (std::size_t row = 0; row < ids.size(); ++row) {
        if (options_.precision == Precision::float32) {
            sink_->line(ids[row], static_cast<float>(predictions[row]));
        } else {
            sink_->line(ids[row], predictions[row]);
        }
    }
}

void PredictionWriter::refuse_non_finite(const era::RowIds& ids,
                                         std::span<const double> predictions) const {
    const auto rows = predictions.first(ids.size());
    const auto found =
        std::ranges::find_if(rows, [](double value) { return !std::isfinite(value); });
    if (options_.non_finite == NonFinite::refused && found != rows.end()) {
        throw util::Error(
            util::ErrorKind::model,
            fmt::format("the prediction of row '{}' is {}; look for infinite values in the model's "
                        "leaves and in the data, or let predict write it with --non-finite keep",
                        ids[static_cast<std::size_t>(found - rows.begin())],
                        std::isnan(*found) ? std::abs(*found) : *found));
    }
}

void PredictionWriter::finish() {
    if (options_.result == Result::kept || options_.path == "-") {
        sink_->finish();
    }
}

}  // namespace erawise::output
