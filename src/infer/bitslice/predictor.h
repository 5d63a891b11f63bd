#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "infer/bitslice/program.h"
#include "infer/model_description.h"
#include "infer/predictor.h"

namespace erawise::infer {

/// Predicts with a compiled forest, 512 rows at a time (bitslice_kernels.h). The predictor uses no
/// libxgboost, and gives the same bits. Predictors whose programs share a table of tests share
/// their workspaces, and thus the answers.
std::unique_ptr<Predictor> make_bitslice_predictor(BitsliceProgram program);

/// The same for a forest with tests of its own.
std::unique_ptr<Predictor> make_bitslice_predictor(const ForestUse& use);

/// An upper bound for models that training makes; linear in nodes, so that nothing is padded.
PredictorMemory bitslice_predictor_memory(const ModelDescription& model);

}  // namespace erawise::infer
