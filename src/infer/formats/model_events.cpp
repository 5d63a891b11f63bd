#include "infer/formats/model_events.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "infer/formats/json_reader.h"
#include "infer/formats/ubjson_reader.h"
#include "util/number.h"

namespace erawise::infer {
namespace {

/// More nodes or features than this are no model; all counts fit an int32 then.
constexpr double kMostNodes = 1e9;

template <typename Number>
Number parse_or(std::string_view text, Number otherwise) {
    return util::take_number<Number>(text).value_or(otherwise);
}

}  // namespace

bool ModelEvents::in(std::initializer_list<std::string_view> path) const {
    return std::ranges::equal(path_, path);
}

/// learner.gradient_booster.model.trees[i]; dart has its gbtree one level below. The path has an
/// empty key for the document itself and for each member of an array.
bool ModelEvents::in_tree() const {
    return path_.size() >= 3 && path_.back().empty() && path_[path_.size() - 2] == "trees";
}

/// learner.gradient_booster.model.cats.enc[i]
bool ModelEvents::in_levels() const {
    const std::size_t depth = path_.size();
    return depth >= 3 && path_.back().empty() && path_[depth - 2] == "enc" &&
           path_[depth - 3] == "cats";
}

bool ModelEvents::spend() {
    return events_left_-- > 0 || fail("more values than the file has bytes");
}

bool ModelEvents::pass_over(std::uint64_t numbers) {
    if (numbers >= events_left_) {
        return fail("more values than the file has bytes");
    }
    events_left_ -= numbers;
    return true;
}

bool ModelEvents::begin_object() {
    const bool goes_on = begin();
    if (in_levels()) {
        levels_.begin_feature();
    }
    model_.keeps_levels = model_.keeps_levels || path_.back() == "cats";
    return goes_on;
}

bool ModelEvents::begin() {
    path_.push_back(std::exchange(key_, {}));
    if (path_.size() > kMaxDepth) {
        return fail(fmt::format("nested more than {} levels deep", kMaxDepth));
    }
    sink_ = sink_for_path();
    return spend();
}

ModelEvents::NumberSink ModelEvents::sink_for_path() const {
    using enum NumberSink;
    constexpr std::pair<std::string_view, NumberSink> kTreeArrays[] = {
        {"parents", parents},
        {"left_children", left_children},
        {"right_children", right_children},
        {"split_indices", split_indices},
        {"split_conditions", split_conditions},
        {"default_left", default_left},
        {"split_type", split_type}};
    if (path_.back() == "iteration_indptr") {
        return iteration_indptr;
    }
    if (path_.back() == "weight_drop") {
        return weight_drop;
    }
    if (path_.size() >= 4 && path_[path_.size() - 3] == "trees") {
        for (const auto& [name, sink] : kTreeArrays) {
            if (path_.back() == name) {
                return sink;
            }
        }
    }
    if (path_.size() >= 4 && path_[path_.size() - 3] == "enc" &&
        path_[path_.size() - 4] == "cats") {
        return path_.back() == "values"    ? level_values
               : path_.back() == "offsets" ? level_offsets
                                           : none;
    }
    return none;
}

bool ModelEvents::end() {
    path_.pop_back();
    sink_ = NumberSink::none;
    return spend();
}

bool ModelEvents::end_object() {
    if (in_tree()) {
        finish_tree();
    }
    if (in_levels()) {
        levels_.end_feature(model_.category_levels);
    }
    return error_.empty() && end();
}

bool ModelEvents::key(std::string_view name) {
    key_ = name;
    return spend();
}

bool ModelEvents::string(const std::string& text) {
    const std::string name = std::exchange(key_, {});
    if (in({"", "learner", "learner_model_param"})) {
        if (name == "num_feature") {
            model_.num_feature = parse_or<std::uint32_t>(text, 0);
        } else if (name == "num_class") {
            model_.num_class = parse_or<std::uint32_t>(text, 0);
        } else if (name == "num_target") {
            model_.num_target = parse_or<std::uint32_t>(text, 1);
        } else if (name == "base_score") {
            model_.base_score = text;
        }
    } else if (name == "num_parallel_tree") {
        model_.trees_per_iteration = std::max(1u, parse_or<std::uint32_t>(text, 1));
    } else if (in({"", "learner", "feature_names"})) {
        model_.feature_names.push_back(text);
    } else if (in({"", "learner", "objective"}) && name == "name") {
        model_.objective = text;
    } else if (in({"", "learner", "gradient_booster"}) && name == "name") {
        model_.booster = text;
    } else if (in({"", "learner", "attributes"}) && name == "best_iteration") {
        model_.best_iteration = parse_or<std::uint32_t>(text, 0);
    }
    return spend();
}

bool ModelEvents::number(double value, std::string_view text) {
    const std::string name = std::exchange(key_, {});
    if (name == "type" && in_levels()) {
        levels_.type(value);
    }
    return (sink_ == NumberSink::none || store(value, text)) && spend();
}

bool ModelEvents::null() {
    key_.clear();
    return sink_ == NumberSink::none ? spend() : fail("a null where a number is expected");
}

bool ModelEvents::child(double value, std::vector<std::int32_t>& children) {
    if (!(value >= -1 && value < kMostNodes)) {
        return fail(fmt::format("tree {} has the child {}", model_.trees, value));
    }
    children.push_back(static_cast<std::int32_t>(value));
    return true;
}

bool ModelEvents::store(double value, std::string_view text) {
    switch (sink_) {
        case NumberSink::left_children:
            return child(value, left_children_);
        case NumberSink::right_children:
            return child(value, right_children_);
        case NumberSink::parents:
            if (!(value >= -1 && value <= std::numeric_limits<std::int32_t>::max())) {
                return fail(fmt::format("tree {} has the parent {}", model_.trees, value));
            }
            parents_.push_back(static_cast<std::int32_t>(value));
            return true;
        case NumberSink::split_indices:
            if (!(value >= 0 && value < kMostFeatures)) {
                return fail(fmt::format("tree {} splits on feature {}", model_.trees, value));
            }
            split_indices_.push_back(static_cast<std::uint32_t>(value));
            return true;
        case NumberSink::split_conditions:
            // From the digits at once: by way of a double it could be rounded twice.
            split_conditions_.push_back(parse_or(text, static_cast<float>(value)));
            return true;
        case NumberSink::default_left:
            default_left_.push_back(value != 0);
            return true;
        case NumberSink::split_type:
            model_.has_categorical_splits = model_.has_categorical_splits || value != 0;
            return true;
        case NumberSink::iteration_indptr:
            if (!(value >= 0 && value < kMostNodes)) {
                return fail(fmt::format("iteration_indptr holds {}", value));
            }
            model_.iteration_ends.push_back(static_cast<std::uint32_t>(value));
            return true;
        case NumberSink::weight_drop:
            model_.has_tree_weights = model_.has_tree_weights || value != 1;
            return true;
        case NumberSink::level_values:
            levels_.value(value);
            return true;
        case NumberSink::level_offsets:
            levels_.offset();
            return true;
        case NumberSink::none:
            break;
    }
    return true;
}

void ModelEvents::finish_tree() {
    const std::size_t count = left_children_.size();
    if (right_children_.size() != count || split_indices_.size() != count ||
        split_conditions_.size() != count || default_left_.size() != count) {
        fail(
            fmt::format("tree {}: {} left children, but {} right ones, {} features, {} conditions "
                        "and {} defaults",
                        model_.trees, count, right_children_.size(), split_indices_.size(),
                        split_conditions_.size(), default_left_.size()));
        return;
    }
    tree_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        tree_.push_back({.left = left_children_[i],
                         .right = right_children_[i],
                         .feature = split_indices_[i] & 0x1FFFFFFFu,
                         .default_left = default_left_[i] ? 1u : 0u,
                         .value = split_conditions_[i]});
    }
    left_children_.clear();
    right_children_.clear();
    split_indices_.clear();
    split_conditions_.clear();
    default_left_.clear();
    take_tree();
    parents_.clear();
}

/// Whether the list of parents says the same as the children: libxgboost trusts both.
bool ModelEvents::parents_fit() const {
    constexpr std::int32_t kNoParent = std::numeric_limits<std::int32_t>::max();
    if (parents_.size() != tree_.size()) {
        return parents_.empty();
    }
    std::vector<std::int32_t> open = {0};
    while (!open.empty()) {
        const std::int32_t parent = open.back();
        const TreeNode& node = tree_[static_cast<std::size_t>(parent)];
        open.pop_back();
        if (node.is_leaf()) {
            continue;
        }
        for (const std::int32_t child : {node.left, node.right}) {
            if (parents_[static_cast<std::size_t>(child)] != parent) {
                return false;
            }
            open.push_back(child);
        }
    }
    return parents_[0] == kNoParent || parents_[0] == -1;
}

void ModelEvents::take_tree() {
    const auto depth = depth_of_tree(tree_);
    if (!depth) {
        fail(fmt::format("tree {} is no tree: the children of its {} nodes do not fit",
                         model_.trees, tree_.size()));
        return;
    }
    if (!parents_fit()) {
        fail(fmt::format("tree {} is no tree: its parents contradict its children", model_.trees));
        return;
    }
    trees_.take({tree_, {}}, *depth);
}

bool ModelEvents::fail(std::string message) {
    if (error_.empty()) {
        error_ = std::move(message);
    }
    return false;
}

void parse_model(std::istream& stream, ModelFormat format, ModelEvents& events) {
    format == ModelFormat::ubjson ? read_ubjson(stream, events) : read_json(stream, events);
}

}  // namespace erawise::infer
