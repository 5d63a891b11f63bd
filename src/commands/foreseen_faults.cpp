#include "commands/foreseen_faults.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include "commands/submission_tasks.h"
#include "config/problems.h"
#include "predict/feature_sets.h"

namespace erawise {
namespace {

namespace fs = std::filesystem;
using Certainty = ForeseenFault::Certainty;

/// The document that there is already, and how much it says of the one that a run will use.
struct FeaturesAtHand {
    fs::path file;
    Certainty certainty;
};

std::optional<FeaturesAtHand> features_at_hand(const Config& config) {
    if (!config.data.features_file.empty()) {
        return FeaturesAtHand{config.data.features_file, Certainty::certain};
    }
    const fs::path earlier = config.data.directory / config.data.version / "features.json";
    std::error_code status;
    return fs::is_regular_file(earlier, status)
               ? std::optional(FeaturesAtHand{earlier, Certainty::likely})
               : std::nullopt;
}

/// The sets that the task asks for, by the models without names and by its transforms.
std::set<std::string> sets_of(const Config& config, const PredictionTask& task) {
    std::set<std::string> sets;
    if (!config.data.feature_set.empty() && task.features.empty()) {
        sets.insert(config.data.feature_set);
    }
    for (const output::TransformStep& step : task.transforms) {
        if (step.kind == output::TransformStep::Kind::neutralize) {
            sets.insert(step.feature_set);
        }
    }
    return sets;
}

void find_faults_of_sets(const Config& config, const PredictionTask& task,
                         const FeaturesAtHand& at_hand, std::vector<ForeseenFault>& faults) {
    for (const std::string& set : sets_of(config, task)) {
        try {
            read_feature_set(at_hand.file, set);
        } catch (const util::Error& error) {
            faults.push_back({error, at_hand.certainty});
        }
    }
}

/// The data may have more features than the sets have.
void find_faults_of_features(const PredictionTask& task, const FeaturesAtHand& at_hand,
                             std::vector<ForeseenFault>& faults) {
    if (task.features.empty()) {
        return;
    }
    try {
        const std::vector<std::string> unknown = features_in_no_set(at_hand.file, task.features);
        if (!unknown.empty()) {
            faults.push_back(
                {util::Error(util::ErrorKind::model,
                             fmt::format("the features {} are in no set of {}; data "
                                         "of this version will not have them",
                                         fmt::join(unknown, ", "), at_hand.file.string())),
                 Certainty::likely});
        }
    } catch (const util::Error& error) {
        faults.push_back({error, at_hand.certainty});
    }
}

/// The folder itself is another matter: a run makes it.
void find_faults_of_output(const PredictionTask& task, std::vector<ForeseenFault>& faults) {
    std::error_code status;
    if (task.output && fs::is_directory(task.output->path, status)) {
        faults.push_back({util::Error(util::ErrorKind::disk,
                                      fmt::format("{} is a folder, and the predictions have to be "
                                                  "written there; remove it, or choose another "
                                                  "folder with --output-directory",
                                                  task.output->path.string())),
                          Certainty::certain});
    }
}

}  // namespace

std::vector<ForeseenFault> foreseen_faults(const Config& config, const PredictionTask& task) {
    std::vector<ForeseenFault> faults;
    if (const auto at_hand = features_at_hand(config)) {
        find_faults_of_sets(config, task, *at_hand, faults);
        find_faults_of_features(task, *at_hand, faults);
    }
    find_faults_of_output(task, faults);
    return faults;
}

void check_submissions(const Config& config) {
    std::vector<PredictionTask> tasks = configured_tasks(config);
    if (tasks.empty()) {
        tasks.push_back({.name = {}, .transforms = effective_transform(config, Command::run)});
    }
    ConfigProblems problems;
    for (const PredictionTask& task : tasks) {
        for (const ForeseenFault& fault : foreseen_faults(config, task)) {
            problems.add(task.name.empty() ? std::string("transform")
                                           : fmt::format("submission '{}'", task.name),
                         fault.error.what());
        }
    }
    problems.throw_if_any();
}

}  // namespace erawise
