#include "infer/model_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <istream>
#include <system_error>

#include "infer/legacy_model.h"
#include "infer/lightgbm_model.h"
#include "infer/model_events.h"
#include "infer/model_file.h"
#include "util/error.h"

namespace erawise::infer {
namespace {

util::Error model_error(const std::filesystem::path& path, std::string_view what) {
    return {util::ErrorKind::model, fmt::format("{}: {}", path.string(), what)};
}

/// UBJSON and JSON begin with a brace. JSON goes on with a quote or white space, UBJSON with the
/// length of a key: a type marker ('L', 'i', ...), or '$' or '#' for a typed container.
ModelFormat recognise(std::istream& stream, const ModelDescription& model) {
    std::array<char, 2> begin{};
    stream.read(begin.data(), begin.size());
    stream.clear();
    stream.seekg(0);
    if (begin[0] == '{') {
        return std::string_view("LliIUu$#").contains(begin[1]) ? ModelFormat::ubjson
                                                               : ModelFormat::json;
    }
    if (may_be_lightgbm_model(stream)) {
        return ModelFormat::lightgbm;
    }
    if (may_be_legacy_model(stream, model.file_bytes)) {
        return ModelFormat::binary;
    }
    throw model_error(model.path,
                      "no XGBoost or LightGBM model; save it with "
                      "booster.save_model(\"model.ubj\") in XGBoost, or "
                      "booster.save_model(\"model.txt\") in LightGBM (pickle and joblib files "
                      "have to be loaded in Python first)");
}

/// Compiling recurses; deeper trees come from no training that we know of.
constexpr std::uint32_t kDeepestTree = 2000;

/// A leaf's code has 16 bits at most; irregular trees leave gaps.
constexpr std::uint32_t kMostLeaves = 65'536;

enum class Base : std::uint8_t {
    margin,      ///< base_score is a margin
    probability  ///< its logit is
};

struct Objective {
    std::string_view name;
    Base base;
    Link link;
};

/// Objectives with one output that a forest can evaluate. Source: XGBoost, src/objective.
constexpr std::array kObjectives = {
    Objective{"reg:squarederror", Base::margin, Link::identity},
    Objective{"reg:linear", Base::margin, Link::identity},
    Objective{"reg:squaredlogerror", Base::margin, Link::identity},
    Objective{"reg:pseudohubererror", Base::margin, Link::identity},
    Objective{"reg:absoluteerror", Base::margin, Link::identity},
    Objective{"rank:pairwise", Base::margin, Link::identity},
    Objective{"rank:ndcg", Base::margin, Link::identity},
    Objective{"rank:map", Base::margin, Link::identity},
    Objective{"reg:logistic", Base::probability, Link::sigmoid},
    Objective{"binary:logistic", Base::probability, Link::sigmoid},
    Objective{"binary:logitraw", Base::probability, Link::identity},
};

const Objective* find_objective(std::string_view name) {
    const auto found = std::ranges::find(kObjectives, name, &Objective::name);
    return found == kObjectives.end() ? nullptr : &*found;
}

/// "5E-1", or "[5E-1]" from XGBoost 3.1 on.
float parse_base_score(const ModelDescription& model) {
    std::string_view text = model.base_score;
    if (text.starts_with('[') && text.ends_with(']')) {
        text = text.substr(1, text.size() - 2);
    }
    float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw model_error(model.path,
                          fmt::format("base_score is '{}', not one number", model.base_score));
    }
    return value;
}

float logit(float probability) {
    return -std::log(1.0F / probability - 1.0F);
}

void check(const ModelDescription& model) {
    if (model.booster.empty() || model.num_feature == 0) {
        throw model_error(model.path,
                          fmt::format("the file is no complete XGBoost model: {} is missing",
                                      model.booster.empty() ? "learner.gradient_booster.name"
                                                            : "learner_model_param.num_feature"));
    }
    if (model.features_asked > model.num_feature) {
        throw model_error(model.path, fmt::format("a tree splits on feature {} of {}; the file is "
                                                  "damaged: save it again",
                                                  model.features_asked - 1, model.num_feature));
    }
    if (!model.feature_names.empty() && model.feature_names.size() != model.num_feature) {
        throw model_error(model.path, fmt::format("{} feature names for {} features",
                                                  model.feature_names.size(), model.num_feature));
    }
    if (model.num_class > 1 || model.num_target > 1) {
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

/// Reads a file; `trees` may be null.
ModelDescription read_file(const std::filesystem::path& path, TreeSink* trees,
                           const util::StopSignal* stop) {
    ModelDescription model;
    model.path = path;
    model.file_bytes = size_of(path);
    ModelFile file(path, stop);
    std::istream& stream = file.stream();
    model.format = recognise(stream, model);
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
    Evaluation evaluation;
    if (const Objective* objective = find_objective(model.objective)) {
        const float base_score = parse_base_score(model);
        evaluation.link = objective->link;
        const bool is_margin = objective->base == Base::margin || model.base_score_is_margin;
        evaluation.base_margin = is_margin ? base_score : logit(base_score);
    }
    return evaluation;
}

std::string forest_objection(const ModelDescription& model) {
    if (model.format == ModelFormat::lightgbm) {
        return tree_objection(model);
    }
    if (model.booster != "gbtree") {
        return fmt::format("its booster is {}", model.booster);
    }
    if (find_objective(model.objective) == nullptr) {
        return fmt::format("its objective is {}", model.objective);
    }
    if (model.has_tree_weights) {  // from XGBoost 3.3 on, dart is a gbtree with weights
        return "its trees have weights (dropout)";
    }
    if (model.has_categorical_splits) {
        return "it splits on categories";
    }
    return tree_objection(model);
}

}  // namespace erawise::infer
