#include "predict/column_match.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "decode/decoder.h"
#include "util/error.h"
#include "util/lower_case.h"

namespace erawise {
namespace {

bool says_meta(std::string_view name) {
    return util::lower_case(name).contains("meta");
}

void match_models(Models& models, TaskSlots& slots, const PredictionOptions& options,
                  const DataColumns& data, infer::FeatureUnion& used) {
    std::vector<std::string> data_features;
    std::ranges::copy_if(data.names, std::back_inserter(data_features), decode::is_feature_name);
    std::vector<std::string> chosen;
    if (!options.feature_set.empty()) {
        chosen = options.feature_sets.names(options.feature_set);
    }
    for_each_model(models, slots, [&](UsedModel& model) {
        const std::vector<std::string> names = infer::feature_names_of(
            model.model.description, model.features.empty() ? chosen : model.features,
            data_features);
        infer::require_features(model.model.description, names, data.names, data.file);
        model.model.columns = used.add(names);
    });
}

/// By set, the tasks that are left and neutralise on it.
std::map<std::string, std::vector<std::size_t>> users_of_sets(std::span<const PredictionTask> tasks,
                                                              const TaskSlots& slots) {
    std::map<std::string, std::vector<std::size_t>> users;
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        for (const output::TransformStep& step : tasks[task].transforms) {
            if (slots.is_left(task) && step.kind == output::TransformStep::Kind::neutralize) {
                users[step.feature_set].push_back(task);
            }
        }
    }
    return users;
}

/// An error has the task's name in front where there are several.
void match_sets(std::span<const PredictionTask> tasks, TaskSlots& slots,
                const PredictionOptions& options, const DataColumns& data,
                DataSelection& selection) {
    auto users = users_of_sets(tasks, slots);
    if (options.score && !options.score->fnc_set.empty()) {
        users.try_emplace(options.score->fnc_set);
    }
    for (const auto& [set, of_set] : users) {
        const auto match = [&] {
            if (!selection.feature_sets.contains(set)) {
                selection.feature_sets.emplace(
                    set, match_feature_set(set, options.feature_sets, data, selection.features));
            }
        };
        for (const std::size_t task : of_set) {
            slots.attempt(task, [&] {
                tasks.size() == 1 ? match() : util::with_context(tasks[task].name, match);
            });
        }
        if (options.score && options.score->fnc_set == set) {
            match();
        }
    }
    slots.require_any();
}

}  // namespace

MatchedColumns match_columns(Models read, std::span<const PredictionTask> tasks, TaskSlots& slots,
                             const PredictionOptions& options, const DataColumns& data) {
    DataSelection selection;
    match_models(read, slots, options, data, selection.features);
    selection.features_of_models = selection.features.names().size();
    match_sets(tasks, slots, options, data, selection);
    if (options.score) {
        require_target(options.score->target, data);
        selection.numbers = {options.score->target};
    }
    return {.models = needed_models(std::move(read), slots), .selection = std::move(selection)};
}

std::vector<stats::FeatureColumn> match_feature_set(const std::string& set,
                                                    const FeatureSets& feature_sets,
                                                    const DataColumns& data,
                                                    infer::FeatureUnion& used) {
    const auto names = feature_sets.names(set);
    const auto absent = std::ranges::find_if_not(
        names, [&](const std::string& name) { return std::ranges::contains(data.names, name); });
    if (absent != names.end()) {
        throw util::Error(
            util::ErrorKind::data,
            fmt::format("{}: there is no column '{}' of the feature set '{}' of {}; data and "
                        "feature set have to be of the same version",
                        data.file, *absent, set, feature_sets.file().string()));
    }
    const std::vector<std::uint32_t> places = used.add(names);
    std::vector<stats::FeatureColumn> features;
    for (std::size_t i = 0; i < names.size(); ++i) {
        features.push_back({names[i], places[i]});
    }
    return features;
}

stats::ScoreKind contribution_kind(const std::filesystem::path& file, std::string_view column) {
    const std::string name = column == "prediction" ? file.stem().string() : std::string(column);
    return says_meta(name) ? stats::ScoreKind::mmc : stats::ScoreKind::bmc;
}

void require_target(const std::string& target, const DataColumns& data) {
    if (!std::ranges::contains(data.names, target)) {
        std::vector<std::string> targets;
        std::ranges::copy_if(data.names, std::back_inserter(targets), decode::is_target_name);
        throw util::Error(
            util::ErrorKind::data,
            fmt::format("{}: there is no column '{}' to score against; {}", data.file, target,
                        targets.empty()
                            ? "live data has no targets, validation data has"
                            : fmt::format("--target may be {}", fmt::join(targets, ", "))));
    }
}

}  // namespace erawise
