#include "infer/formats/model_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <string_view>
#include <system_error>

#include "infer/feature_match.h"
#include "infer/formats/legacy_model.h"
#include "infer/formats/lightgbm_model.h"
#include "infer/formats/model_events.h"
#include "infer/formats/model_file.h"
#include "infer/formats/model_signature.h"
#include "infer/formats/xgboost_objective.h"
#include "util/error.h"

namespace erawise::infer {
namespace {

util::Error model_error(const std::filesystem::path& path, std::string_view what) {
    return {util::ErrorKind::model, fmt::format("{}: {}", path.string(), what)};
}

/// Compiling recurses; deeper trees come from no training that we know of.
constexpr std::uint32_t kDeepestTree = 2000;

/// A leaf's code has 16 bits at most; irregular trees leave gaps.
constexpr std::uint32_t kMostLeaves = 65'536;

/// multi:softmax gives the number of the class, all others a value for each class.
bool gives_one_value(const ModelDescription& model) {
    return model.num_target <= 1 && (model.num_class <= 1 || model.objective == "multi:softmax");
}

void check_names(const ModelDescription& model) {
    if (!model.feature_names.empty() && model.feature_names.size() != model.num_feature) {
        throw model_error(model.path, fmt::format("{} feature names for {} features",
                                                  model.feature_names.size(), model.num_feature));
    }
    if (const auto repeated = find_repeated_name(model.feature_names)) {
        throw model_error(
            model.path,
            fmt::format("features {} and {} (counted from 0) are both called '{}'; "
                        "train it with a name of its own for each column",
                        repeated->first, repeated->second, model.feature_names[repeated->first]));
    }
}

void check(const ModelDescription& model) {
    if (model.booster.empty() || model.num_feature == 0) {
        throw model_error(
            model.path, fmt::format("the file is no complete XGBoost model: {} is missing; save it "
                                    "with booster.save_model(\"model.ubj\") (a dump or a "
                                    "configuration in JSON is no model)",
                                    model.booster.empty() ? "learner.gradient_booster.name"
                                                          : "learner_model_param.num_feature"));
    }
    if (model.features_asked > model.num_feature) {
        throw model_error(model.path, fmt::format("a tree splits on feature {} of {}; the file is "
                                                  "damaged: save it again",
                                                  model.features_asked - 1, model.num_feature));
    }
    check_names(model);
    require_codable_levels(model);
    if (!gives_one_value(model)) {
        throw model_error(model.path,
                          fmt::format("the model gives {} values per row; a submission needs one",
                                      std::max(model.num_class, model.num_target)));
    }
}

void read_document(std::istream& stream, ModelDescription& model, TreeSink* trees) {
    ModelEvents events(model, trees, model.file_bytes);
    parse_model(stream, model.format, events);
    if (!events.error().empty()) {
        throw model_error(model.path,
                          fmt::format("{}; the file is damaged: save it again", events.error()));
    }
}

std::uint64_t size_of(const std::filesystem::path& path) {
    std::error_code status;
    const std::uintmax_t bytes = std::filesystem::file_size(path, status);
    if (status) {
        throw util::Error(util::ErrorKind::disk, fmt::format("cannot read the model {}: {}",
                                                             path.string(), status.message()));
    }
    return bytes;
}

/// Recognises the format, and goes over a byte order mark.
ModelFormat go_to_model(std::istream& stream, const ModelDescription& model) {
    const std::string beginning = read_beginning(stream);
    const auto format = recognise_model(beginning, model.file_bytes);
    if (!format) {
        throw model_error(model.path, name_other_file(beginning));
    }
    if (*format != ModelFormat::binary) {
        stream.seekg(static_cast<std::streamoff>(byte_order_mark_bytes(beginning)));
    }
    return *format;
}

/// Reads a file; `trees` may be null.
ModelDescription read_file(const std::filesystem::path& path, TreeSink* trees,
                           const util::StopSignal* stop) {
    ModelDescription model;
    model.path = path;
    model.file_bytes = size_of(path);
    ModelFile file(path, stop);
    std::istream& stream = file.stream();
    model.format = go_to_model(stream, model);
    switch (model.format) {
        case ModelFormat::binary:
            read_legacy_model(stream, model, trees);
            break;
        case ModelFormat::lightgbm:
            read_lightgbm_model(stream, model, trees);
            break;
        case ModelFormat::ubjson:
        case ModelFormat::json:
            read_document(stream, model, trees);
    }
    check(model);
    return model;
}

/// Why no forest of ours can hold the trees; empty when one can.
std::string tree_objection(const ModelDescription& model) {
    if (model.distinct_tests > kMostTests) {
        return fmt::format("its trees ask more than {} different questions", kMostTests);
    }
    if (model.max_depth > kDeepestTree) {
        return fmt::format("its trees are {} levels deep", model.max_depth);
    }
    if (model.max_leaves > kMostLeaves) {
        return fmt::format("its largest tree has {} leaves", model.max_leaves);
    }
    return {};
}

/// What the trees alone do not tell.
void complete_forest(Forest& forest, const ModelDescription& model) {
    static_cast<Evaluation&>(forest) = evaluation_of(model);
    forest.num_feature = model.num_feature;
}

/// There is no other engine for LightGBM's models, so that an objection is an error.
void check_is_taken(const ModelDescription& model) {
    if (model.format != ModelFormat::lightgbm) {
        return;
    }
    static_cast<void>(lightgbm_evaluation(model));
    if (const std::string objection = tree_objection(model); !objection.empty()) {
        throw model_error(
            model.path, fmt::format("no engine takes this LightGBM model, because {}", objection));
    }
}

}  // namespace

ModelDescription read_model_description(const std::filesystem::path& path,
                                        const util::StopSignal* stop) {
    ModelDescription model = read_file(path, nullptr, stop);
    check_is_taken(model);
    return model;
}

Model read_model(const std::filesystem::path& path, std::uint64_t largest_forest_file_bytes,
                 const util::StopSignal* stop) {
    if (size_of(path) > largest_forest_file_bytes) {
        return {read_model_description(path, stop), std::nullopt};
    }
    Forest forest;
    ForestBuilder builder(forest);
    Model model{read_file(path, &builder, stop), std::nullopt};
    check_is_taken(model.description);
    if (forest_objection(model.description).empty()) {
        complete_forest(forest, model.description);
        forest.nodes.shrink_to_fit();
        forest.leaves.shrink_to_fit();
        model.forest = std::move(forest);
    }
    return model;
}

Forest read_forest(const ModelDescription& model, const util::StopSignal* stop) {
    Forest forest;
    forest.nodes.reserve(model.nodes);
    forest.begins.reserve(model.trees + 1);
    ForestBuilder builder(forest);
    read_trees(model, builder, stop);
    complete_forest(forest, model);
    return forest;
}

void read_trees(const ModelDescription& model, TreeSink& trees, const util::StopSignal* stop) {
    read_file(model.path, &trees, stop);
}

Evaluation evaluation_of(const ModelDescription& model) {
    if (model.format == ModelFormat::lightgbm) {
        return lightgbm_evaluation(model);
    }
    return xgboost_evaluation(model);
}

std::string forest_objection(const ModelDescription& model) {
    if (model.format == ModelFormat::lightgbm) {
        return tree_objection(model);
    }
    if (model.booster != "gbtree") {
        return fmt::format("its booster is {}", model.booster);
    }
    if (!is_forest_objective(model)) {
        return fmt::format("its objective is {}", model.objective);
    }
    if (model.has_tree_weights) {  // from XGBoost 3.3 on, dart is a gbtree with weights
        return "its trees have weights (dropout)";
    }
    if (model.has_categorical_splits) {
        return "it splits on categories";
    }
    if (!levels_asked_for(model).empty()) {
        return "it codes categories";
    }
    if (model.trees == 0 && model.format != ModelFormat::binary) {
        return "it has no trees";
    }
    return tree_objection(model);
}

}  // namespace erawise::infer
