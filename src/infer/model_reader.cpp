#include "infer/model_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <system_error>

#include "infer/bitslice_program.h"
#include "infer/legacy_model.h"
#include "infer/model_events.h"
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
    if (may_be_legacy_model(stream, model.file_bytes)) {
        return ModelFormat::binary;
    }
    throw model_error(model.path,
                      "no XGBoost model; save it with booster.save_model(\"model.ubj\")");
}

/// Compiling recurses; deeper trees come from no training that we know of.
constexpr std::uint32_t kDeepestTree = 2000;

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

void read_document(std::istream& stream, ModelDescription& model, Forest* forest) {
    ModelEvents events(model, forest, model.file_bytes);
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

/// Reads a file; `forest` may be null.
ModelDescription read_file(const std::filesystem::path& path, Forest* forest) {
    ModelDescription model;
    model.path = path;
    model.file_bytes = size_of(path);
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        throw util::Error(util::ErrorKind::disk,
                          fmt::format("cannot read the model {}: {}", path.string(),
                                      std::generic_category().message(errno)));
    }
    model.format = recognise(stream, model);
    if (model.format == ModelFormat::binary) {
        read_legacy_model(stream, model, forest);
    } else {
        read_document(stream, model, forest);
    }
    check(model);
    return model;
}

/// What the trees alone do not tell: base margin and link, where the objective is known.
void complete_forest(Forest& forest, const ModelDescription& model) {
    forest.num_feature = model.num_feature;
    if (const Objective* objective = find_objective(model.objective)) {
        const float base_score = parse_base_score(model);
        forest.link = objective->link;
        const bool is_margin = objective->base == Base::margin || model.base_score_is_margin;
        forest.base_margin = is_margin ? base_score : logit(base_score);
    }
}

}  // namespace

ModelDescription read_model_description(const std::filesystem::path& path) {
    return read_file(path, nullptr);
}

Model read_model(const std::filesystem::path& path, std::uint64_t largest_forest_file_bytes) {
    if (size_of(path) > largest_forest_file_bytes) {
        return {read_model_description(path), std::nullopt};
    }
    Forest forest;
    Model model{read_file(path, &forest), std::nullopt};
    if (forest_objection(model.description).empty()) {
        complete_forest(forest, model.description);
        forest.nodes.shrink_to_fit();
        model.forest = std::move(forest);
    }
    return model;
}

Forest read_forest(const ModelDescription& model) {
    Forest forest;
    forest.nodes.reserve(model.nodes);
    forest.begins.reserve(model.trees + 1);
    read_file(model.path, &forest);
    complete_forest(forest, model);
    return forest;
}

std::string forest_objection(const ModelDescription& model) {
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
    if (model.distinct_tests > kMostTests) {
        return fmt::format("its trees ask {} different questions", model.distinct_tests);
    }
    if (model.max_depth > kDeepestTree) {
        return fmt::format("its trees are {} levels deep", model.max_depth);
    }
    return {};
}

}  // namespace erawise::infer
