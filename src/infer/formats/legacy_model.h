#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string_view>

#include "infer/forest.h"
#include "infer/model_description.h"

namespace erawise::infer {

/// Whether a file that begins with these bytes (kLegacyBeginningBytes, or all of it) may be a model
/// in the deprecated binary format: it starts with "binf", or with a plausible base score and
/// number of features, and the name of an objective behind the learner's parameters.
bool may_be_legacy_model(std::string_view beginning, std::uint64_t file_bytes);

inline constexpr std::size_t kLegacyBeginningBytes = 256;

/// Reads a model in XGBoost's deprecated binary format (`.model`, `.xgb`; XGBoost 0.x to 3.0,
/// little endian), which libxgboost no longer reads from 3.1 on. Fills `model`, and passes
/// the trees to `trees` when it is not null. Throws Error(model) with the offset.
///
/// Layout: optional "binf"; learner parameters, 136 bytes; objective and booster as strings (u64
/// length); booster parameters, 160 bytes; per tree 148 bytes of parameters, 20 bytes per node and
/// 16 bytes of statistics per node; i32 per tree; attributes. Files with major version 0 store
/// base_score as a margin, and have no header string.
/// Source: XGBoost 1.7, src/learner.cc, src/gbm/gbtree_model.h, include/xgboost/tree_model.h.
void read_legacy_model(std::istream& stream, ModelDescription& model, TreeSink* trees);

}  // namespace erawise::infer
