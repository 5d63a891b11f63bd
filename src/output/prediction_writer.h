#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "era/era_batch.h"

namespace erawise::util {
class StopSignal;
}

namespace erawise::output {

class CsvSink;

enum class Result : std::uint8_t {
    kept,
    discarded  ///< no file appears; standard output gets everything all the same
};

/// Of the predictions: how many digits give the same value back.
enum class Precision : std::uint8_t { float32, float64 };

/// Predictions that are infinite or no number.
enum class NonFinite : std::uint8_t {
    refused,  ///< Error(model)
    written   ///< as nan, inf and -inf
};

struct WriterOptions {
    std::filesystem::path path;  ///< "-" is standard output
    std::string prediction_column = "prediction";
    Precision precision = Precision::float32;
    NonFinite non_finite = NonFinite::refused;
    Result result = Result::kept;
    const util::StopSignal* stop = nullptr;  ///< ends a wait for whoever reads standard output
};

/// Writes `id,prediction` as CSV: a header line, one line per row in the order of the data, line
/// feeds, the shortest digits that give the same value back.
///
/// The file appears whole at finish(), or not at all. Used by one thread at a time. Errors:
/// Error(disk).
class PredictionWriter {
  public:
    explicit PredictionWriter(WriterOptions options);
    ~PredictionWriter();
    PredictionWriter(PredictionWriter&&) noexcept;
    PredictionWriter& operator=(PredictionWriter&&) noexcept;

    /// Writes rows: one prediction per id. Error(model) for one that is refused.
    void write(const era::RowIds& ids, std::span<const double> predictions);

    /// Puts the file in its place, unless the result is not wanted.
    void finish();

    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }

  private:
    void refuse_non_finite(const era::RowIds& ids, std::span<const double> predictions) const;

    WriterOptions options_;
    std::unique_ptr<CsvSink> sink_;
    std::uint64_t rows_ = 0;
};

/// Memory of a writer: its text buffer.
inline constexpr std::size_t kWriterBufferBytes = 64 * 1024;

}  // namespace erawise::output
