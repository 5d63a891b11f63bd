#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "infer/model_description.h"
#include "infer/predictor.h"

namespace erawise::infer {

class XgboostLibrary;

/// Predicts with libxgboost as Python does for a pandas frame: features whose categories the model
/// keeps reach the library as a column of categories (the values that occur, in order) and codes,
/// and the library finds the codes of training itself. Slow: it is there to check our codes.
///
/// The model's categories are whole numbers; see require_codable_levels(). `columns`: for each
/// feature of the model its column in the batches.
std::unique_ptr<Predictor> make_pandas_reference(
    const std::shared_ptr<const XgboostLibrary>& library, const ModelDescription& model,
    std::vector<std::uint32_t> columns, unsigned end_iteration);

/// Whether there is such a reference for the model: the library asks for the categories of all
/// features, those that no tree asks for among them, and texts are not kept.
bool has_pandas_reference(const ModelDescription& model);

}  // namespace erawise::infer
