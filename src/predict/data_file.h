#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "decode/decoder.h"
#include "era/era_order.h"
#include "predict/memory_plan.h"
#include "predict/prediction.h"
#include "util/stop_signal.h"

namespace erawise {

/// Opens the data to learn its columns and their form, before there is a plan: one thread, the
/// least of memory, pages that the cap could hold.
std::unique_ptr<decode::Decoder> open_for_a_look(const PredictionOptions& options,
                                                 era::EraOrder order);

/// Opens the data as planned.
std::unique_ptr<decode::Decoder> open_data(const PredictionOptions& options, era::EraOrder order,
                                           const MemoryPlan& plan);

/// Reads the data to its end; by runs of rows of one era.
std::uint64_t rows_of_largest_era(const PredictionOptions& options, const util::StopSignal& stop);

}  // namespace erawise
