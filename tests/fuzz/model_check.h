#pragma once

#include "infer/forest.h"
#include "infer/model_description.h"

namespace erawise::fuzz {

/// What is asked of a model that a loader has let through: its trees are trees whose features and
/// leaf values exist, and the bitsliced engine gives what the walk gives. Aborts where that is not
/// so. Forests that are too large to predict with in no time are only looked at.
void check_model(const infer::ModelDescription& model, infer::Forest forest);

}  // namespace erawise::fuzz
