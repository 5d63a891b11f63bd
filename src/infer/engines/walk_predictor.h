#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "infer/forest.h"
#include "infer/model_description.h"
#include "infer/predictor.h"

namespace erawise::infer {

/// Predicts by walk(), row by row: the reference for models that no library here reads.
///
/// `columns`: for each feature of the forest its column in the batches.
std::unique_ptr<Predictor> make_walk_predictor(Forest forest, std::vector<std::uint32_t> columns);

/// The trees as they are, and 64 rows of float32 per thread.
PredictorMemory walk_predictor_memory(const ModelDescription& model);

}  // namespace erawise::infer
