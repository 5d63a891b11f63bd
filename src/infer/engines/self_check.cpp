#include "infer/engines/self_check.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "infer/bitslice/predictor.h"
#include "infer/engines/checked_predictor.h"
#include "infer/engines/walk_predictor.h"
#include "infer/engines/xgboost_library.h"
#include "infer/engines/xgboost_predictor.h"
#include "infer/formats/model_reader.h"

namespace erawise::infer {
namespace {

/// A block of rows in which every value is a threshold of its feature, or just below one, or
/// missing, so that every test meets rows that say yes and rows that say no.
era::EraBatch rows_around_thresholds(const Forest& forest) {
    std::vector<std::vector<float>> values(forest.num_feature);
    for (const TreeNode& node : forest.nodes) {
        if (!node.is_leaf()) {
            values[node.feature].push_back(node.value);
            values[node.feature].push_back(
                std::nextafter(node.value, -std::numeric_limits<float>::infinity()));
        }
    }
    auto layout = std::make_shared<era::BlockLayout>();
    for (std::uint32_t f = 0; f < forest.num_feature; ++f) {
        layout->add(era::ColumnForm::plain, 0);
    }
    era::EraBatch batch(layout->block_bytes);
    batch.reset(layout, "self-check");
    std::mt19937 generator(1);
    for (std::uint32_t f = 0; f < forest.num_feature; ++f) {
        values[f].push_back(std::numeric_limits<float>::quiet_NaN());
        for (std::size_t row = 0; row < era::kBlockRows; ++row) {
            batch.values(0, f)[row] = values[f][generator() % values[f].size()];
        }
    }
    for (std::size_t row = 0; row < era::kBlockRows; ++row) {
        batch.ids.push_back({});
    }
    return batch;
}

std::vector<double> predict_block(const Predictor& predictor, const era::EraBatch& batch) {
    std::vector<double> predictions(era::kBlockRows);
    const auto workspace = predictor.make_workspace();
    workspace->load(batch, 0);
    predictor.predict(*workspace, predictions);
    return predictions;
}

struct Reference {
    std::unique_ptr<Predictor> predictor;
    std::string name;
};

Reference make_reference(const ModelDescription& model, Forest forest,
                         std::vector<std::uint32_t> columns) {
    if (libxgboost_reads(model)) {
        const auto library = XgboostLibrary::open();
        return {make_xgboost_predictor(library, model, std::move(columns), 0),
                "libxgboost " + library->version()};
    }
    auto walk = make_walk_predictor(std::move(forest), std::move(columns));
    std::string name = name_of_reference(*walk);
    return {std::move(walk), std::move(name)};
}

}  // namespace

std::string check_against_reference(const ModelDescription& model, const util::StopSignal* stop) {
    if (const std::string objection = forest_objection(model); !objection.empty()) {
        return "nothing to compare: libxgboost predicts by itself";
    }
    Forest forest = read_forest(model, stop);
    std::vector<std::uint32_t> columns(forest.num_feature);
    std::iota(columns.begin(), columns.end(), 0u);
    const era::EraBatch batch = rows_around_thresholds(forest);
    const auto bitsliced = make_bitslice_predictor(
        ForestUse{.forest = &forest, .trees = forest.trees(), .columns = columns});
    const Reference reference = make_reference(model, std::move(forest), columns);
    require_same_predictions(
        predict_block(*bitsliced, batch), predict_block(*reference.predictor, batch),
        model.path.filename().string(), name_of_reference(*reference.predictor));
    return fmt::format("{} rows around its thresholds have the bits of {}", era::kBlockRows,
                       reference.name);
}

}  // namespace erawise::infer
