#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "infer/engines/engine.h"
#include "infer/predictor.h"
#include "predict/task.h"
#include "predict/task_slots.h"
#include "util/histogram.h"
#include "util/stop_signal.h"

namespace erawise {

/// A model file, once for all tasks that use it.
struct UsedModel {
    std::string name;  ///< of the first task that uses it
    std::filesystem::path file;
    std::vector<std::string> features;  ///< as the task has them
    std::vector<std::size_t> tasks;     ///< that use it
    infer::ModelToLoad model = {};      ///< since it was read; its columns since it was matched
    std::unique_ptr<infer::Predictor> predictor = nullptr;       ///< since it was loaded
    std::optional<util::Histogram> distribution = std::nullopt;  ///< of its values; empty: unasked
};

/// The models of the tasks that are left.
struct Models {
    std::vector<UsedModel> files;
    std::vector<std::vector<std::size_t>> of_task;  ///< by task: places in `files`
    std::uint64_t forests_bytes = 0;  ///< of trees that were read and wait to be compiled
};

/// Each model file once, of the tasks that are left.
Models list_models(std::span<const PredictionTask> tasks, const TaskSlots& slots);

/// What the model files say about themselves, and the trees of small ones. An error ends the tasks
/// that use the model; when none is left, the first one is thrown.
Models read_models(Models listed, TaskSlots& slots, const util::StopSignal& stop);

/// Predictors, with `factory`. Errors as with read_models().
Models load_models(Models matched, TaskSlots& slots, infer::PredictorFactory& factory);

/// Without those that only tasks use which have ended.
Models needed_models(Models models, const TaskSlots& slots);

/// Runs `body(model)` for each model that is needed. An error ends the tasks that use the model,
/// with its name in front; when no task is left, the first one is thrown.
template <typename Body>
void for_each_model(Models& models, TaskSlots& slots, Body&& body) {
    for (UsedModel& model : models.files) {
        slots.attempt(model.tasks, [&] { util::with_context(model.name, [&] { body(model); }); });
    }
    slots.require_any();
}

}  // namespace erawise
