#include "infer/formats/xgboost_objective.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "util/error.h"

namespace erawise::infer {
namespace {

enum class Base : std::uint8_t {
    margin,      ///< base_score is a margin
    probability  ///< its logit is
};

struct Objective {
    std::string_view name;
    Base base;
    Link link;
};

/// Objectives with one output that a forest can evaluate. Source: XGBoost 3.3, ProbToMargin() and
/// PredTransform() in src/objective.
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
    Objective{"binary:logitraw", Base::margin, Link::identity},
};

const Objective* find_objective(std::string_view name) noexcept {
    const auto found = std::ranges::find(kObjectives, name, &Objective::name);
    return found == kObjectives.end() ? nullptr : &*found;
}

util::Error base_score_error(const ModelDescription& model, std::string_view what) {
    return {util::ErrorKind::model, fmt::format("{}: base_score is '{}', {}", model.path.string(),
                                                model.base_score.substr(0, 60), what)};
}

/// "5E-1", or "[5E-1]" from XGBoost 3.1 on. White space and round brackets are as good (ParamArray
/// in src/common/param_array.cc).
float parse_base_score(const ModelDescription& model) {
    std::string text;
    std::ranges::copy_if(model.base_score, std::back_inserter(text),
                         [](unsigned char c) { return std::isspace(c) == 0; });
    const bool has_brackets = text.size() > 1 && (text.front() == '[' || text.front() == '(') &&
                              (text.back() == ']' || text.back() == ')');
    if (has_brackets) {
        text = text.substr(1, text.size() - 2);
    }
    float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) {
        value = std::strtof(text.c_str(), nullptr);
    }
    if (error == std::errc::invalid_argument || end != text.data() + text.size() ||
        !std::isfinite(value)) {
        throw base_score_error(model, "not one number");
    }
    return value;
}

/// XGBoost keeps an intercept away from 0 and 1 since 3.1, and takes both since then. The
/// libraries that read binary files do neither.
float logit(const ModelDescription& model, float base_score) {
    constexpr float kEpsilon = 1e-6F;
    const bool is_binary = model.format == ModelFormat::binary;
    const bool is_probability =
        is_binary ? base_score > 0 && base_score < 1 : base_score >= 0 && base_score <= 1;
    if (!is_probability) {
        throw base_score_error(model,
                               "which is no probability, and its objective needs one; "
                               "train again with a base_score between 0 and 1");
    }
    const float kept =
        is_binary ? base_score : std::min(std::max(base_score, kEpsilon), 1.0F - kEpsilon);
    return -std::log(1.0F / kept - 1.0F);
}

}  // namespace

bool is_forest_objective(const ModelDescription& model) noexcept {
    return find_objective(model.objective) != nullptr;
}

Evaluation xgboost_evaluation(const ModelDescription& model) {
    Evaluation evaluation;
    if (const Objective* const objective = find_objective(model.objective)) {
        const float base_score = parse_base_score(model);
        evaluation.link = objective->link;
        const bool is_margin = objective->base == Base::margin || model.base_score_is_margin;
        evaluation.base_margin = is_margin ? base_score : logit(model, base_score);
    }
    return evaluation;
}

}  // namespace erawise::infer
