#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decode/decoder.h"
#include "infer/predictor.h"
#include "output/era_finisher.h"
#include "util/error.h"
#include "util/histogram.h"
#include "util/id_set.h"
#include "util/stop_signal.h"

namespace erawise {

/// One model on its way from batches to the finisher. What fails in it stops this model alone.
struct PredictionJob {
    const infer::Predictor* predictor = nullptr;
    util::Histogram* distribution = nullptr;  ///< of the model's values; null: not wanted
};

/// What there is for rows from now on.
struct RowMemory {
    std::size_t batch_storage_bytes = 0;
    decode::MemoryGrant decoder;
};

struct StreamOptions {
    unsigned threads = 1;  ///< 1: no threads at all
    std::size_t batches = 1;
    std::size_t batch_storage_bytes = 0;
    bool collect_ids = false;  ///< whether StreamResult::ids is wanted

    /// Called when rows of `layout` take more, while no other stage is at work and no batch is in
    /// memory. Throws Error(memory) when there is no more. Empty: there never is.
    std::function<RowMemory(const era::BlockLayout& layout)> more_memory = {};
};

struct EraRows {
    std::string era;
    std::uint64_t rows = 0;
};

struct StreamResult {
    std::uint64_t rows = 0;
    std::vector<EraRows> eras;                       ///< in the order in which they were first met
    std::vector<std::optional<util::Error>> errors;  ///< of the jobs
    double decode_seconds = 0;                       ///< each stage's own work; stages overlap
    double predict_seconds = 0;
    double write_seconds = 0;
    std::uint64_t spilled_bytes = 0;  ///< that the decoder passed through temporary files
    util::IdSet ids;                  ///< of all rows, when asked for
};

/// Called between batches with the bytes of the file that were consumed and the rows predicted.
using ProgressCallback = std::function<void(std::uint64_t consumed_bytes, std::uint64_t rows)>;

/// Moves era batches from the decoder through all jobs to the finisher, whose models they are:
/// decode | predict | finish, overlapped with more than one thread, in order and with the same
/// bytes with any number.
///
/// Throws what the decoder throws, Error(cancelled) between batches after a signal, a job's own
/// error when no job is left without one, and the finisher's when it has no output left. The last
/// era is not finished here.
StreamResult stream_predictions(decode::Decoder& decoder, std::span<const PredictionJob> jobs,
                                output::EraFinisher& finisher, const StreamOptions& options,
                                const util::StopSignal& stop, const ProgressCallback& progress);

}  // namespace erawise
