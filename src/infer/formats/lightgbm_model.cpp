#include "infer/formats/lightgbm_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "infer/formats/line_scanner.h"
#include "infer/formats/tree_collector.h"
#include "util/error.h"
#include "util/number.h"

namespace erawise::infer {
namespace {

/// LightGBM's own limit of num_leaves.
constexpr std::uint32_t kMostLeaves = 131'072;

class LightgbmReader {
  public:
    LightgbmReader(std::istream& stream, ModelDescription& model, TreeSink* trees)
        : lines_(stream), model_(model), trees_(model, trees) {}

    void read();

  private:
    /// The lists of a tree, as they stand in the file.
    struct Lists {
        std::vector<std::uint32_t> split_feature;
        std::vector<double> threshold;
        std::vector<std::uint8_t> decision_type;
        std::vector<std::int32_t> left_child;
        std::vector<std::int32_t> right_child;
        std::vector<double> leaf_value;
    };

    [[noreturn]] void fail(std::string_view what) const;
    /// The message is made when it is needed: some are asked of every number.
    template <typename... Arguments>
    void check(bool good, fmt::format_string<Arguments...> what, Arguments&&... arguments) const {
        if (!good) {
            fail(fmt::format(what, std::forward<Arguments>(arguments)...));
        }
    }
    template <typename Number>
    [[nodiscard]] Number number(std::string_view text) const;
    template <typename Number>
    [[nodiscard]] Number only_number(Number least, Number most);
    template <typename Number>
    void read_list(std::vector<Number>& list, std::size_t most);

    void read_header();
    void read_header_line(std::string_view key);
    void read_feature_names();
    void check_header() const;
    void begin_tree();
    void read_tree_line(std::string_view key);
    void finish_tree();
    [[nodiscard]] TreeNode split(std::size_t index) const;
    [[nodiscard]] std::int32_t node_of(std::int32_t child) const;

    LineScanner lines_;
    ModelDescription& model_;
    TreeCollector trees_;
    std::optional<std::size_t> tree_sizes_;  ///< how many the header has
    std::string version_;
    std::uint32_t num_leaves_ = 0;
    Lists lists_;
    std::vector<TreeNode> tree_;
};

void LightgbmReader::fail(std::string_view what) const {
    throw util::Error(util::ErrorKind::model,
                      fmt::format("{}: line {} of the LightGBM model: {}", model_.path.string(),
                                  lines_.line(), what));
}

template <typename Number>
Number LightgbmReader::number(std::string_view text) const {
    const auto value = util::parse_number<Number>(text);
    if (!value) {
        fail(
            fmt::format("'{}' is no number that can stand here; the file is damaged: save it "
                        "again",
                        text.substr(0, 40)));
    }
    return *value;
}

/// The line's one number.
template <typename Number>
Number LightgbmReader::only_number(Number least, Number most) {
    const auto value = number<Number>(lines_.rest());
    check(value >= least && value <= most, "{} is not between {} and {}", value, least, most);
    return value;
}

template <typename Number>
void LightgbmReader::read_list(std::vector<Number>& list, std::size_t most) {
    check(list.empty(), "the tree has this list twice");
    Number value{};
    while (list.size() < most && lines_.next_number(value)) {
        list.push_back(value);
    }
    for (std::string_view text; lines_.next_value(text);) {
        check(list.size() < most,
              "there are more than {} numbers, for a tree of {} "
              "leaves",
              most, num_leaves_);
        list.push_back(number<Number>(text));
    }
}

void LightgbmReader::read() {
    read_header();
    begin_tree();
    while (lines_.next_line()) {
        const std::string_view key = lines_.key();
        if (key == "Tree" || key == "end of trees") {
            const bool is_end = key != "Tree";
            finish_tree();
            if (is_end) {
                check(!tree_sizes_ || *tree_sizes_ == model_.trees,
                      "the header speaks of {} trees, but {} are there; the file is "
                      "damaged: save it again",
                      tree_sizes_.value_or(0), model_.trees);
                return;
            }
            begin_tree();
        } else {
            read_tree_line(key);
        }
    }
    fail(
        "the file ends before 'end of trees'; it was cut off: copy it again, or save it with "
        "booster.save_model()");
}

void LightgbmReader::read_header() {
    while (lines_.next_line()) {
        const std::string_view key = lines_.key();
        if (key == "Tree") {
            check_header();
            return;
        }
        check(key != "end of trees", "the model has no trees");
        read_header_line(key);
    }
    fail(
        "the file ends within its header; it was cut off: copy it again, or save it with "
        "booster.save_model()");
}

void LightgbmReader::read_header_line(std::string_view key) {
    constexpr std::uint32_t kMost = kMostFeatures - 1;
    if (key == "version") {
        version_ = lines_.rest();
    } else if (key == "num_class" || key == "num_tree_per_iteration") {
        model_.num_class = std::max(model_.num_class, only_number<std::uint32_t>(1, kMost));
        check(model_.num_class == 1, "the model gives {} values per row; a submission needs one",
              model_.num_class);
    } else if (key == "max_feature_idx") {
        model_.num_feature = only_number<std::uint32_t>(0, kMost) + 1;
    } else if (key == "objective") {
        model_.objective = lines_.rest();
    } else if (key == "average_output") {
        model_.averages_trees = true;
    } else if (key == "feature_names") {
        read_feature_names();
    } else if (key == "tree_sizes") {
        tree_sizes_ = 0;
        for (std::string_view text; lines_.next_value(text);) {
            ++*tree_sizes_;
        }
    }
}

/// LightGBM names columns that have no names itself: Column_0, Column_1, ...
void LightgbmReader::read_feature_names() {
    std::vector<std::string>& names = model_.feature_names;
    check(names.empty(), "the names are there twice");
    bool are_made_up = true;
    for (std::string_view name; lines_.next_value(name);) {
        check(names.size() < kMostFeatures && !lines_.is_too_long(), "too many or too long names");
        are_made_up = are_made_up && name == fmt::format("Column_{}", names.size());
        names.emplace_back(name);
    }
    if (are_made_up) {
        names.clear();
    }
}

void LightgbmReader::check_header() const {
    check(version_ == "v3" || version_ == "v4",
          "the version is '{}', and those that can be read are v3 and v4; load it with "
          "LightGBM 3 or 4 and save it again with booster.save_model()",
          version_.substr(0, 20));
    check(model_.num_feature > 0, "the header lacks max_feature_idx; the file is damaged");
    check(model_.feature_names.empty() || model_.feature_names.size() == model_.num_feature,
          "the header has {} feature names for {} features", model_.feature_names.size(),
          model_.num_feature);
}

/// The line `Tree=N` is the present one.
void LightgbmReader::begin_tree() {
    check(only_number<std::uint32_t>(0, UINT32_MAX) == model_.trees,
          "tree {} should follow; the file is damaged: save it again", model_.trees);
    num_leaves_ = 0;
    lists_.split_feature.clear();
    lists_.threshold.clear();
    lists_.decision_type.clear();
    lists_.left_child.clear();
    lists_.right_child.clear();
    lists_.leaf_value.clear();
}

void LightgbmReader::read_tree_line(std::string_view key) {
    const std::size_t splits = num_leaves_ > 0 ? num_leaves_ - 1 : 0;
    if (key == "num_leaves") {
        num_leaves_ = only_number<std::uint32_t>(1, kMostLeaves);
    } else if (key == "num_cat") {
        check(only_number<std::uint32_t>(0, UINT32_MAX) == 0,
              "the tree splits on categories, which no engine here can do; train with the "
              "features as numbers (no categorical_feature, no pandas categories)");
    } else if (key == "is_linear") {
        check(only_number<std::uint32_t>(0, UINT32_MAX) == 0,
              "the tree has linear leaves, which no engine here can do; train without linear_tree");
    } else if (key == "split_feature") {
        read_list(lists_.split_feature, splits);
    } else if (key == "threshold") {
        read_list(lists_.threshold, splits);
    } else if (key == "decision_type") {
        read_list(lists_.decision_type, splits);
    } else if (key == "left_child") {
        read_list(lists_.left_child, splits);
    } else if (key == "right_child") {
        read_list(lists_.right_child, splits);
    } else if (key == "leaf_value") {
        read_list(lists_.leaf_value, num_leaves_);
    }
}

/// Bits of decision_type: 0 category, 1 default left, 2 and 3 the missing type. Source:
/// include/LightGBM/tree.h.
TreeNode LightgbmReader::split(std::size_t index) const {
    const unsigned type = lists_.decision_type[index];
    const unsigned missing = (type >> 2) & 3;
    const double threshold = lists_.threshold[index];
    check((type & 1) == 0 && type < 16 && missing < 3, "tree {} has the decision_type {}",
          model_.trees, type);
    check(!std::isnan(threshold), "tree {} has the threshold {}", model_.trees, threshold);
    check(lists_.split_feature[index] < model_.num_feature, "tree {} splits on feature {} of {}",
          model_.trees, lists_.split_feature[index], model_.num_feature);
    TreeNode node = to_split({.threshold = threshold,
                              .default_left = (type & 2) != 0,
                              .missing = static_cast<LightgbmSplit::Missing>(missing)});
    node.feature = lists_.split_feature[index] & 0x1FFFFFFFu;
    node.left = node_of(lists_.left_child[index]);
    node.right = node_of(lists_.right_child[index]);
    return node;
}

/// In our trees the leaves stand behind the splits.
std::int32_t LightgbmReader::node_of(std::int32_t child) const {
    const auto leaves = static_cast<std::int32_t>(num_leaves_);
    const bool is_known = child >= 0 ? child < leaves - 1 : child >= -leaves;
    check(is_known, "tree {} has the child {}", model_.trees, child);
    return child >= 0 ? child : leaves - 2 - child;
}

void LightgbmReader::finish_tree() {
    check(num_leaves_ > 0, "tree {} lacks num_leaves", model_.trees);
    const std::size_t splits = num_leaves_ - 1;
    check(lists_.split_feature.size() == splits && lists_.threshold.size() == splits &&
              lists_.decision_type.size() == splits && lists_.left_child.size() == splits &&
              lists_.right_child.size() == splits && lists_.leaf_value.size() == num_leaves_,
          "tree {} of {} leaves has {} features, {} thresholds, {} decision types, {} "
          "left and {} right children, {} leaf values; the file is damaged: save it "
          "again",
          model_.trees, num_leaves_, lists_.split_feature.size(), lists_.threshold.size(),
          lists_.decision_type.size(), lists_.left_child.size(), lists_.right_child.size(),
          lists_.leaf_value.size());
    tree_.clear();
    for (std::size_t i = 0; i < splits; ++i) {
        tree_.push_back(split(i));
    }
    for (std::uint32_t leaf = 0; leaf < num_leaves_; ++leaf) {
        tree_.push_back({.right = static_cast<std::int32_t>(leaf)});
    }
    const auto depth = depth_of_tree(tree_);
    check(depth.has_value(), "tree {} is no tree: its children do not fit", model_.trees);
    trees_.take({tree_, lists_.leaf_value}, *depth);
}

struct Objective {
    std::string_view name;
    Link link;
};

/// Objectives with one output. Source: ConvertOutput in LightGBM, src/objective.
constexpr Objective kObjectives[] = {
    {"", Link::identity},  // an objective of the user's own: raw values
    {"regression", Link::identity},
    {"regression_l1", Link::identity},
    {"huber", Link::identity},
    {"fair", Link::identity},
    {"quantile", Link::identity},
    {"mape", Link::identity},
    {"lambdarank", Link::identity},
    {"rank_xendcg", Link::identity},
    {"poisson", Link::exponential},
    {"gamma", Link::exponential},
    {"tweedie", Link::exponential},
    {"binary", Link::sigmoid},
    {"cross_entropy", Link::sigmoid},
    {"cross_entropy_lambda", Link::softplus},
};

util::Error objective_error(const ModelDescription& model) {
    return {util::ErrorKind::model,
            fmt::format("{}: its objective is '{}', whose output is not known; train with a "
                        "regression objective, binary or cross_entropy",
                        model.path.string(), model.objective.substr(0, 60))};
}

}  // namespace

bool may_be_lightgbm_model(std::string_view beginning) noexcept {
    return beginning.starts_with("tree\n") || beginning.starts_with("tree\r\n");
}

void read_lightgbm_model(std::istream& stream, ModelDescription& model, TreeSink* trees) {
    model.booster = "lightgbm";
    LightgbmReader(stream, model, trees).read();
}

Evaluation lightgbm_evaluation(const ModelDescription& model) {
    std::string_view parameters = model.objective;
    const std::string_view name = parameters.substr(0, parameters.find(' '));
    const auto* const found = std::ranges::find(kObjectives, name, &Objective::name);
    if (found == std::end(kObjectives)) {
        throw objective_error(model);
    }
    Evaluation evaluation{.arithmetic = Arithmetic::float64, .link = found->link};
    while (!parameters.empty()) {
        const std::string_view parameter = parameters.substr(0, parameters.find(' '));
        parameters.remove_prefix(std::min(parameters.size(), parameter.size() + 1));
        if (parameter == "sqrt" && evaluation.link == Link::identity) {
            evaluation.link = Link::signed_square;
        } else if (parameter.starts_with("sigmoid:") && evaluation.link == Link::sigmoid) {
            const auto slope = util::parse_number<decltype(evaluation.slope)>(
                parameter.substr(std::string_view("sigmoid:").size()));
            if (!slope) {
                throw objective_error(model);
            }
            evaluation.slope = *slope;
        }
    }
    if (model.averages_trees) {
        evaluation.divisor = std::max(1.0, static_cast<double>(model.trees));
    }
    return evaluation;
}

}  // namespace erawise::infer
