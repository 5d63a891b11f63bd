#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "predict/prediction.h"

namespace erawise {

/// What `run` is to submit: one task per configured submission, else one per model file in the
/// models directory, for the Numerai model of the file's stem. Output files are named after the
/// models, in the output directory. Error(usage) when there is nothing to do, when two files are
/// for the same model, or when MODEL_ID cannot say which of several models it means.
///
/// With --shard, only this shard's tasks, by name; none when there are more shards than models.
std::vector<PredictionTask> submission_tasks(const Config& config);

/// One per submission of the config file; none when it has none.
std::vector<PredictionTask> configured_tasks(const Config& config);

/// What `predict` and `backtest` are to predict with: the model file, or the config file's
/// submission that was named; nothing says yet where predictions go. Error(usage) when there is no
/// such submission.
PredictionTask prediction_task(const Config& config, Command command);

/// Whether the file name is that of a model: .ubj, .json, .xgb, .model, .deprecated, .lgb or .txt.
bool is_model_file(const std::filesystem::path& path);

}  // namespace erawise
