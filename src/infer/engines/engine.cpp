#include "infer/engines/engine.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "infer/bitslice/predictor.h"
#include "infer/engines/checked_predictor.h"
#include "infer/engines/pandas_reference.h"
#include "infer/engines/walk_predictor.h"
#include "infer/engines/xgboost_library.h"
#include "infer/engines/xgboost_predictor.h"
#include "infer/formats/model_reader.h"
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
    const std::uint64_t per_round =
        std::uint64_t{model.trees_per_iteration} * std::max(model.num_class, 1U);
    const std::uint64_t end =
        rounds < model.iteration_ends.size() ? model.iteration_ends[rounds] : rounds * per_round;
    return std::min<std::uint64_t>(end, model.trees);
}

/// Early stopping leaves trees behind the best round on purpose; whoever has trained on since then
/// would miss them.
void warn_of_trees_left_out(const ModelDescription& model, std::size_t used) {
    if (used < model.trees) {
        spdlog::warn(
            "{}: its last {} of {} trees are left out, as XGBoost's scikit-learn wrapper "
            "does it, because its best_iteration is {}; if you trained on after early "
            "stopping, take the attribute away (booster.set_attr(best_iteration=None)), "
            "or predict with --all-trees",
            model.path.filename().string(), model.trees - used, model.trees,
            model.best_iteration.value_or(0));
    }
}

/// Until XGBoost 3.1 models did not keep their categories.
void warn_of_categories_not_kept(const ModelDescription& model) {
    if (model.has_categorical_splits && !model.keeps_levels) {
        spdlog::warn(
            "{}: it splits on categories, but does not say which; the data's values are "
            "taken for their codes 0, 1, 2, ...; train again with XGBoost 3.1 or later if "
            "they are not",
            model.path.filename().string());
    }
}

}  // namespace

bool PredictorFactory::takes_bitsliced(const ModelDescription& model) const {
    return options_.engine != EngineChoice::xgboost && forest_objection(model).empty();
}

std::shared_ptr<const TestTable> PredictorFactory::shared_tests(
    std::span<const ModelToLoad* const> models) const {
    std::vector<ForestUse> uses;
    for (const ModelToLoad* model : models) {
        if (model->forest && takes_bitsliced(model->description)) {
            uses.push_back({.forest = &*model->forest,
                            .trees = end_tree(model->description, options_.trees),
                            .columns = model->columns});
        }
    }
    if (uses.empty()) {
        return nullptr;
    }
    auto table = std::make_shared<const TestTable>(make_test_table(uses));
    return table->tests.size() <= kMostTests ? table : nullptr;
}

std::unique_ptr<Predictor> PredictorFactory::make(ModelToLoad& model,
                                                  std::shared_ptr<const TestTable> tests) {
    const ModelDescription& description = model.description;
    const std::string objection = forest_objection(description);
    if (options_.engine == EngineChoice::bitsliced && !objection.empty()) {
        throw util::Error(util::ErrorKind::model,
                          fmt::format("{}: the bitsliced engine does not take it, because {}; use "
                                      "--engine auto",
                                      description.path.string(), objection));
    }
    const bool bitsliced = takes_bitsliced(description);
    auto predictor = bitsliced ? make_bitsliced(model, std::move(tests))
                               : make_xgboost(description, model.columns);
    const std::string_view reason = bitsliced                                  ? ""
                                    : options_.engine == EngineChoice::xgboost ? ", as asked for"
                                                                               : ", because ";
    spdlog::info("{}: engine {}{}{}; {} of {} trees, depth {} at most, {} features",
                 description.path.filename().string(), predictor->engine(), reason,
                 reason.ends_with("because ") ? objection : "",
                 end_tree(description, options_.trees), description.trees, description.max_depth,
                 description.num_feature);
    warn_of_trees_left_out(description, end_tree(description, options_.trees));
    warn_of_categories_not_kept(description);
    if (is_checked(description)) {
        predictor = make_checked_predictor(std::move(predictor),
                                           make_reference(description, std::move(model.columns)),
                                           description.path.filename().string());
    }
    return predictor;
}

/// Trees that were not kept are compiled as they are read.
std::unique_ptr<Predictor> PredictorFactory::make_bitsliced(
    ModelToLoad& model, std::shared_ptr<const TestTable> tests) const {
    ModelDescription& description = model.description;
    const std::vector<TreeNode> splits = std::exchange(description.tests, {});
    if (!tests || !model.forest) {
        tests = std::make_shared<const TestTable>(make_test_table(splits, model.columns));
    }
    const std::size_t trees = end_tree(description, options_.trees);
    if (model.forest) {
        const Forest forest = *std::exchange(model.forest, std::nullopt);
        return make_bitslice_predictor(compile_bitslice(
            {.forest = &forest, .trees = trees, .columns = model.columns}, std::move(tests)));
    }
    BitsliceCompiler compiler({.evaluation = evaluation_of(description),
                               .columns = model.columns,
                               .tests = std::move(tests),
                               .trees = trees,
                               .nodes = description.nodes});
    read_trees(description, compiler, options_.stop);
    return make_bitslice_predictor(compiler.finish());
}

/// The model's own library where it can read the file, else the walk.
std::unique_ptr<Predictor> PredictorFactory::make_reference(const ModelDescription& model,
                                                            std::vector<std::uint32_t> columns) {
    if (!takes_bitsliced(model)) {
        return make_pandas_reference(open_library(), model, std::move(columns),
                                     end_iteration(model, options_.trees));
    }
    if (!libxgboost_reads(model)) {
        return make_walk_predictor(read_forest(model, options_.stop), std::move(columns));
    }
    return make_xgboost(model, std::move(columns));
}

std::unique_ptr<Predictor> PredictorFactory::make_xgboost(const ModelDescription& model,
                                                          std::vector<std::uint32_t> columns) {
    if (model.format == ModelFormat::lightgbm) {
        throw util::Error(util::ErrorKind::model,
                          fmt::format("{}: libxgboost does not read LightGBM models; use --engine "
                                      "auto",
                                      model.path.string()));
    }
    if (model.format == ModelFormat::binary) {
        throw util::Error(
            util::ErrorKind::model,
            fmt::format("{}: libxgboost no longer reads the deprecated binary format; save the "
                        "model again with XGBoost 1.x to 3.0 as .ubj",
                        model.path.string()));
    }
    return make_xgboost_predictor(open_library(), model, std::move(columns),
                                  end_iteration(model, options_.trees));
}

std::shared_ptr<const XgboostLibrary> PredictorFactory::open_library() {
    if (!xgboost_) {
        xgboost_ = XgboostLibrary::open();
    }
    return xgboost_;
}

/// Where libxgboost predicts, there is something of ours to check where categories are coded.
bool PredictorFactory::is_checked(const ModelDescription& model) const {
    return options_.self_check == SelfCheck::on &&
           (takes_bitsliced(model) ||
            (!levels_asked_for(model).empty() && has_pandas_reference(model)));
}

PredictorMemory PredictorFactory::memory(const ModelDescription& model) const {
    PredictorMemory memory =
        takes_bitsliced(model) ? bitslice_predictor_memory(model) : xgboost_predictor_memory(model);
    if (is_checked(model)) {
        const PredictorMemory reference = libxgboost_reads(model) ? xgboost_predictor_memory(model)
                                                                  : walk_predictor_memory(model);
        memory.while_loading_bytes = std::max(
            memory.while_loading_bytes, memory.resident_bytes + reference.while_loading_bytes);
        memory.resident_bytes += reference.resident_bytes;
        memory.workspace_bytes += reference.workspace_bytes;
    }
    return memory;
}

}  // namespace erawise::infer
