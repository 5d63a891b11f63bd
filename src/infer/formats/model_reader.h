#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "infer/forest.h"
#include "infer/model_description.h"
#include "util/stop_signal.h"

namespace erawise::infer {

/// Reads what a model file says about itself: XGBoost's UBJSON, JSON or deprecated binary format,
/// or LightGBM's text, told apart by content.
///
/// Piece by piece: no document is built, so memory stays small whatever the file's size. Formats:
/// XGBoost's "Introduction to Model IO" and its JSON schema; legacy_model.h; lightgbm_model.h.
/// Malformed, truncated or hostile files, and models that no engine here takes, are Error(model)
/// with the file, the place and the remedy; a file that cannot be read is Error(disk).
///
/// `stop`, here and below: may be null; Error(cancelled) once it has a signal, since a file of a
/// few GB takes its time.
ModelDescription read_model_description(const std::filesystem::path& path,
                                        const util::StopSignal* stop = nullptr);

/// A model file in one go: what it says about itself, and its trees.
struct Model {
    ModelDescription description;
    std::optional<Forest>
        forest;  ///< empty when forest_objection() has one, or it was not asked for
};

/// read_model_description() and, for files of at most `largest_forest_file_bytes`, read_forest() in
/// one pass. A forest takes less memory than its file.
Model read_model(const std::filesystem::path& path, std::uint64_t largest_forest_file_bytes,
                 const util::StopSignal* stop = nullptr);

/// The trees of a model that was described. Base margin and link are set where the objective is one
/// that a forest can hold (see forest_objection()).
Forest read_forest(const ModelDescription& model, const util::StopSignal* stop = nullptr);

/// Passes on the trees of a model that was described, one after the other, so that they need not be
/// in memory at a time.
void read_trees(const ModelDescription& model, TreeSink& trees,
                const util::StopSignal* stop = nullptr);

/// What the model's library does around the trees, where the objective is one that a forest can
/// hold.
Evaluation evaluation_of(const ModelDescription& model);

/// Why a forest cannot stand for the model, so that libxgboost has to; empty when it can. For
/// LightGBM's models it always is: there is no other engine, so that reading them fails instead.
std::string forest_objection(const ModelDescription& model);

}  // namespace erawise::infer
