#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "era/era_batch.h"

namespace erawise::util {
class StopSignal;
}

namespace erawise::output {

class CsvSink;

enum class Transform : std::uint8_t {
    none,  ///< the model's values as they are
    rank   ///< ranks within the era (rank.h)
};

enum class Result : std::uint8_t {
    kept,
    discarded  ///< no file appears; standard output gets everything all the same
};

/// Of the predictions: how many digits give the same value back.
enum class Precision : std::uint8_t { float32, float64 };

struct WriterOptions {
    std::filesystem::path path;  ///< "-" is standard output
    std::string prediction_column = "prediction";
    Transform transform = Transform::none;
    Precision precision = Precision::float32;
    Result result = Result::kept;
    const util::StopSignal* stop = nullptr;  ///< ends a wait for whoever reads standard output
    /// What one era may take while it waits for its end; only transforms hold eras.
    std::uint64_t era_memory_bytes = UINT64_MAX;
};

/// Writes `id,prediction` as CSV: a header line, one line per row in the order of the data, line
/// feeds, the shortest digits that give the same value back.
///
/// The file appears whole at finish(), or not at all. Used by one thread at a time. Errors:
/// Error(disk); Error(model) for a prediction that is NaN and cannot be ranked; Error(memory) for
/// an era that is larger than the plan allows.
class PredictionWriter {
  public:
    explicit PredictionWriter(WriterOptions options);
    ~PredictionWriter();
    PredictionWriter(PredictionWriter&&) noexcept;
    PredictionWriter& operator=(PredictionWriter&&) noexcept;

    /// Takes the rows of a batch with their predictions. An era may come in several batches, one
    /// after the other.
    void add(const era::EraBatch& batch, std::span<const double> predictions);

    /// Ends the last era and puts the file in its place, unless the result is not wanted.
    void finish();

    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }

  private:
    void hold(const era::EraBatch& batch, std::span<const double> predictions);
    void write_held_era();

    WriterOptions options_;
    std::unique_ptr<CsvSink> sink_;
    std::uint64_t rows_ = 0;

    // The era that a transform waits for.
    std::string era_;
    era::RowIds ids_;
    std::vector<double> values_;
    std::vector<std::uint32_t> order_;
    std::vector<double> ranks_;
};

/// Memory of a writer beside the eras it holds: its text buffer.
inline constexpr std::size_t kWriterBufferBytes = 64 * 1024;

/// Memory for holding an era of `rows` rows with ids of `id_bytes`.
std::uint64_t held_era_bytes(std::uint64_t rows, std::uint64_t id_bytes);

}  // namespace erawise::output
