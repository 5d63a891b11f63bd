#include "infer/engine.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "infer/bitslice_predictor.h"
#include "infer/model_reader.h"
#include "infer/xgboost_library.h"
#include "infer/xgboost_predictor.h"
#include "util/error.h"

namespace erawise::infer {
namespace {

/// Boosting rounds to use, 0 for all. https://xgboost.readthedocs.io/en/stable/prediction.html,
/// "Early stopping": the scikit-learn wrapper uses best_iteration + 1 rounds, the C API all.
unsigned end_iteration(const ModelDescription& model, TreeChoice trees) {
    return trees == TreeChoice::best && model.best_iteration ? *model.best_iteration + 1 : 0;
}

/// Trees to use. Before XGBoost 2 the file does not say where an iteration ends.
std::size_t end_tree(const ModelDescription& model, TreeChoice trees) {
    const unsigned rounds = end_iteration(model, trees);
    if (rounds == 0) {
        return model.trees;
    }
    const std::uint64_t end = rounds < model.iteration_ends.size()
                                  ? model.iteration_ends[rounds]
                                  : std::uint64_t{rounds} * model.trees_per_iteration;
    return std::min<std::uint64_t>(end, model.trees);
}

}  // namespace

bool PredictorFactory::takes_bitsliced(const ModelDescription& model) const {
    return options_.engine != EngineChoice::xgboost && forest_objection(model).empty();
}

std::unique_ptr<Predictor> PredictorFactory::make(const ModelDescription& model,
                                                  std::vector<std::uint32_t> columns) {
    const std::string objection = forest_objection(model);
    if (options_.engine == EngineChoice::bitsliced && !objection.empty()) {
        throw util::Error(util::ErrorKind::model,
                          fmt::format("{}: the bitsliced engine does not take it, because {}; use "
                                      "--engine auto",
                                      model.path.string(), objection));
    }
    const bool bitsliced = takes_bitsliced(model);
    auto predictor =
        bitsliced ? make_bitsliced(model, columns) : make_xgboost(model, std::move(columns));
    const std::string_view reason = bitsliced                                  ? ""
                                    : options_.engine == EngineChoice::xgboost ? ", as asked for"
                                                                               : ", because ";
    spdlog::info("{}: engine {}{}{}; {} of {} trees, depth {} at most, {} features",
                 model.path.filename().string(), predictor->engine(), reason,
                 reason.ends_with("because ") ? objection : "", end_tree(model, options_.trees),
                 model.trees, model.max_depth, model.num_feature);
    return predictor;
}

std::unique_ptr<Predictor> PredictorFactory::make_bitsliced(
    const ModelDescription& model, const std::vector<std::uint32_t>& columns) const {
    return make_bitslice_predictor(
        compile_bitslice(read_forest(model), end_tree(model, options_.trees)), columns);
}

std::unique_ptr<Predictor> PredictorFactory::make_xgboost(const ModelDescription& model,
                                                          std::vector<std::uint32_t> columns) {
    if (model.format == ModelFormat::binary) {
        throw util::Error(
            util::ErrorKind::model,
            fmt::format("{}: libxgboost no longer reads the deprecated binary format; save the "
                        "model again with XGBoost 1.x to 3.0 as .ubj",
                        model.path.string()));
    }
    if (!xgboost_) {
        xgboost_ = XgboostLibrary::open();
    }
    return make_xgboost_predictor(xgboost_, model, std::move(columns),
                                  end_iteration(model, options_.trees));
}

PredictorMemory PredictorFactory::memory(const ModelDescription& model) const {
    return takes_bitsliced(model) ? bitslice_predictor_memory(model)
                                  : xgboost_predictor_memory(model);
}

}  // namespace erawise::infer
