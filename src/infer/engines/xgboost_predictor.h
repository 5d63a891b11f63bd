#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "infer/model_description.h"
#include "infer/predictor.h"

namespace erawise::infer {

class XgboostLibrary;

/// Whether libxgboost reads models of this format.
bool libxgboost_reads(const ModelDescription& model) noexcept;

/// Predicts with libxgboost, in place, a few hundred rows at a time, so that the float matrix stays
/// within kMatrixBytes. The reference for every other engine.
///
/// `columns`: for each feature of the model its column in the batches.
std::unique_ptr<Predictor> make_xgboost_predictor(
    const std::shared_ptr<const XgboostLibrary>& library, const ModelDescription& model,
    std::vector<std::uint32_t> columns, unsigned end_iteration);

/// Measured with libxgboost 3.3 (2000 trees of depth 5): see the definition.
PredictorMemory xgboost_predictor_memory(const ModelDescription& model);

/// The float matrix of one thread. 1 MiB is 800 rows of 310 features: large enough that a call of
/// the library costs nothing beside its work, and it stays in the second-level cache.
inline constexpr std::size_t kMatrixBytes = 1024 * 1024;

}  // namespace erawise::infer
