#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "infer/bitslice_program.h"
#include "infer/model_description.h"
#include "infer/predictor.h"

namespace erawise::infer {

/// Predicts with a compiled forest, 512 rows at a time (bitslice_kernels.h). The predictor uses no
/// libxgboost, and gives the same bits.
///
/// `columns`: for each feature of the model its column in the batches.
std::unique_ptr<Predictor> make_bitslice_predictor(BitsliceProgram program,
                                                   const std::vector<std::uint32_t>& columns);

/// An upper bound for models that training makes; linear in nodes, so that nothing is padded.
PredictorMemory bitslice_predictor_memory(const ModelDescription& model);

}  // namespace erawise::infer
