#include "infer/engine.h"

#include <spdlog/spdlog.h>

#include "infer/xgboost_library.h"
#include "infer/xgboost_predictor.h"

namespace erawise::infer {
namespace {

/// Boosting rounds to use, 0 for all. https://xgboost.readthedocs.io/en/stable/prediction.html,
/// "Early stopping": the scikit-learn wrapper uses best_iteration + 1 rounds, the C API all.
unsigned end_iteration(const ModelDescription& model, TreeChoice trees) {
    return trees == TreeChoice::best && model.best_iteration ? *model.best_iteration + 1 : 0;
}

}  // namespace

std::unique_ptr<Predictor> PredictorFactory::make(const ModelDescription& model,
                                                  std::vector<std::uint32_t> columns) {
    if (!xgboost_) {
        xgboost_ = XgboostLibrary::open();
    }
    const unsigned rounds = end_iteration(model, options_.trees);
    auto predictor = make_xgboost_predictor(xgboost_, model, std::move(columns), rounds);
    spdlog::info("{}: engine xgboost (libxgboost {}), {} trees of depth {} at most, {} features{}",
                 model.path.filename().string(), xgboost_->version(), model.trees, model.max_depth,
                 model.num_feature,
                 rounds == 0 ? "" : fmt::format(", best iteration {}", rounds - 1));
    return predictor;
}

PredictorMemory PredictorFactory::memory(const ModelDescription& model) const {
    return xgboost_predictor_memory(model);
}

}  // namespace erawise::infer
