#include "output/prediction_writer.h"

#include "output/csv_sink.h"

namespace erawise::output {

PredictionWriter::PredictionWriter(WriterOptions options)
    : options_(std::move(options)), sink_(std::make_unique<CsvSink>(options_.path, options_.stop)) {
    sink_->line("id", options_.prediction_column);
}

PredictionWriter::~PredictionWriter() = default;
PredictionWriter::PredictionWriter(PredictionWriter&&) noexcept = default;
PredictionWriter& PredictionWriter::operator=(PredictionWriter&&) noexcept = default;

void PredictionWriter::write(const era::RowIds& ids, std::span<const double> predictions) {
    rows_ += ids.size();
    for (std::size_t row = 0; row < ids.size(); ++row) {
        if (options_.precision == Precision::float32) {
            sink_->line(ids[row], static_cast<float>(predictions[row]));
        } else {
            sink_->line(ids[row], predictions[row]);
        }
    }
}

void PredictionWriter::finish() {
    if (options_.result == Result::kept || options_.path == "-") {
        sink_->finish();
    }
}

}  // namespace erawise::output
