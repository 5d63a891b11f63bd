#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "output/prediction_writer.h"
#include "output/transform.h"
#include "stats/era_scores.h"

namespace erawise {

/// A model file of a task, and how much it counts among several.
struct TaskModel {
    std::filesystem::path file;
    double weight = 1;
};

/// A column of numbers by row id, of a file beside the data: predictions, a meta model.
struct ValueFile {
    std::filesystem::path file;
    std::string column = {};  ///< empty: the only one with numbers
};

/// One or several models, what is done to their predictions, and where they go.
struct PredictionTask {
    std::string name;                                     ///< in logs and the report
    std::vector<TaskModel> models = {};                   ///< at least one, but with `predictions`
    std::optional<ValueFile> predictions = std::nullopt;  ///< they are there already
    output::Blend blend = output::Blend::rank;            ///< of several models
    std::vector<std::string> features = {};  ///< for models without names; empty: as the data
    output::Transforms transforms = {};
    std::optional<output::WriterOptions> output = std::nullopt;  ///< empty: nothing is written
};

/// What a task has when it is done, beside its file.
struct TaskResult {
    std::vector<stats::EraScore> scores;              ///< one per era, when the run scores
    std::optional<stats::Contribution> contribution;  ///< of MMC or BMC
};

}  // namespace erawise
