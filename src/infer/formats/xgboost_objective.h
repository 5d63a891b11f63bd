#pragma once

#include "infer/forest.h"
#include "infer/model_description.h"

namespace erawise::infer {

/// Whether a forest can do what XGBoost does around the trees for this objective. Others are left
/// to libxgboost.
bool is_forest_objective(const ModelDescription& model) noexcept;

/// Base margin and link of such a model, as libxgboost 3.3 has them. Error(model) for a
/// base_score that libxgboost refuses, too.
Evaluation xgboost_evaluation(const ModelDescription& model);

}  // namespace erawise::infer
