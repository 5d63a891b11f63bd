#include "fuzz/model_check.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "era/era_batch.h"
#include "infer/bitslice/predictor.h"
#include "infer/engines/engine.h"
#include "util/error.h"

namespace erawise::fuzz {
namespace {

constexpr std::size_t kMostNodes = 20'000;
constexpr std::uint32_t kMostFeaturesToPredict = 512;
constexpr std::uint32_t kDeepest = 500;
constexpr std::size_t kRows = 64;

void require(bool good, std::string_view what) {
    if (!good) {
        fmt::print(stderr, "a loader let through what it must not: {}\n", what);
        std::abort();
    }
}

void check_trees(const infer::ModelDescription& model, const infer::Forest& forest) {
    require(model.trees == forest.trees() && model.nodes == forest.nodes.size(), "a miscount");
    for (std::size_t i = 0; i < forest.trees(); ++i) {
        const infer::Tree tree = forest.tree(i);
        require(infer::depth_of_tree(tree.nodes).has_value(), "a tree that is none");
        for (const infer::TreeNode& node : tree.nodes) {
            if (!node.is_leaf()) {
                require(node.feature < model.features_asked, "a feature that nobody counted");
            } else if (forest.arithmetic == infer::Arithmetic::float64) {
                require(static_cast<std::size_t>(node.right) < tree.leaves.size(),
                        "a leaf without a value");
            }
        }
    }
}

/// Values around the thresholds that the model has, and those that are special.
era::EraBatch make_rows(const infer::ModelDescription& model) {
    constexpr float kSpecial[] = {0.0F, 1.0F, std::numeric_limits<float>::quiet_NaN(),
                                  std::numeric_limits<float>::infinity(), -1e-36F};
    auto layout = std::make_shared<era::BlockLayout>();
    for (std::uint32_t f = 0; f < model.num_feature; ++f) {
        layout->add(era::ColumnForm::plain, 0);
    }
    era::EraBatch batch(layout->block_bytes);
    batch.reset(layout, "era1");
    for (std::size_t row = 0; row < kRows; ++row) {
        batch.ids.push_back("id");
        for (std::uint32_t f = 0; f < model.num_feature; ++f) {
            const std::size_t pick = row * 7 + f;
            const bool is_special = model.tests.empty() || pick % 3 == 0;
            batch.values(0, f)[row] = is_special ? kSpecial[pick % std::size(kSpecial)]
                                                 : model.tests[pick % model.tests.size()].value;
        }
    }
    return batch;
}

bool same(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
           (std::isnan(a) && std::isnan(b));
}

void check_predictions(const infer::ModelDescription& model, const infer::Forest& forest) {
    std::vector<std::uint32_t> columns(forest.num_feature);
    std::iota(columns.begin(), columns.end(), 0u);
    std::unique_ptr<infer::Predictor> predictor;
    try {
        predictor = infer::make_bitslice_predictor(
            infer::ForestUse{.forest = &forest, .trees = forest.trees(), .columns = columns});
    } catch (const util::Error& error) {
        require(error.kind() == util::ErrorKind::model, error.what());
        return;
    }
    const era::EraBatch batch = make_rows(model);
    const auto workspace = predictor->make_workspace();
    std::vector<double> predictions(era::kBlockRows);
    workspace->load(batch, 0);
    predictor->predict(*workspace, predictions);
    std::vector<float> row(forest.num_feature);
    for (std::size_t i = 0; i < kRows; ++i) {
        for (std::uint32_t f = 0; f < forest.num_feature; ++f) {
            row[f] = batch.values(0, f)[i];
        }
        require(same(predictions[i], infer::walk(forest, row)), "the engine and the walk differ");
    }
}

}  // namespace

std::uint64_t engine_bytes(const infer::ModelDescription& model) {
    const infer::PredictorMemory memory = infer::PredictorFactory({}).memory(model);
    const std::uint64_t rows = std::uint64_t{model.num_feature} * era::kBlockRows * sizeof(float);
    return memory.while_loading_bytes + memory.resident_bytes + memory.workspace_bytes +
           (model.num_feature <= kMostFeaturesToPredict ? rows : 0);
}

void check_model(const infer::ModelDescription& model, infer::Forest forest) {
    check_trees(model, forest);
    forest.num_feature = model.num_feature;
    if (model.features_asked <= model.num_feature && model.num_feature <= kMostFeaturesToPredict &&
        model.nodes <= kMostNodes && model.max_depth <= kDeepest) {
        check_predictions(model, forest);
    }
}

}  // namespace erawise::fuzz
