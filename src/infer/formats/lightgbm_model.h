#pragma once

#include <istream>
#include <string>
#include <string_view>

#include "infer/forest.h"
#include "infer/model_description.h"

namespace erawise::infer {

/// Whether a file that begins with these bytes is a LightGBM text model: its first line is "tree".
bool may_be_lightgbm_model(std::string_view beginning) noexcept;

/// Reads a LightGBM text model (`booster.save_model("x.txt")`), versions 3 and 4. Fills `model`,
/// and passes the trees to `trees` when it is not null. Throws Error(model) with the line.
///
/// Format: header lines `key=value` from "tree" on; per tree a line `Tree=N`, its numbers by key,
/// children >= 0 being nodes and others leaves (-1 - child); "end of trees". Names `Column_N` mean
/// that the model has no names. Source: LightGBM 4, src/boosting/gbdt_model_text.cpp,
/// Tree::ToString in src/io/tree.cpp.
///
/// Not taken, and Error(model): splits on categories, linear leaves, several values per row.
///
/// Memory: one tree, and LineScanner's buffer.
void read_lightgbm_model(std::istream& stream, ModelDescription& model, TreeSink* trees);

/// What LightGBM does around the trees of such a model. Error(model) for an objective whose output
/// is not known.
Evaluation lightgbm_evaluation(const ModelDescription& model);

/// A split as LightGBM stores it.
struct LightgbmSplit {
    double threshold = 0;  ///< `x <= threshold` goes left, in float64
    bool default_left = false;
    enum class Missing : std::uint8_t {
        none,  ///< a missing value counts as zero
        zero,  ///< zero is missing, and missing values are
        nan
    } missing = Missing::none;
};

/// The split in our terms, `x < value` in float32, so that every float32 takes the same way:
/// `double(x) <= t` is the same as `x < f` for the smallest float32 f above t. (There is none above
/// infinity, the threshold that parts missing values from all others: `x <= f` then.)
///
/// Numbers up to kZeroThreshold count as zero: LightGBM drops them from the rows of a matrix.
/// (RowPairFunctionFromDenseMatric in src/c_api.cpp, Tree::NumericalDecision in
/// include/LightGBM/tree.h.)
TreeNode to_split(const LightgbmSplit& split) noexcept;

}  // namespace erawise::infer
