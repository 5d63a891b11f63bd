#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "output/era_finisher.h"
#include "output/prediction_writer.h"
#include "predict/joined_files.h"
#include "predict/models.h"
#include "predict/prediction.h"
#include "predict/task_slots.h"

namespace erawise {

/// The outputs of the tasks that are left.
struct TaskOutputs {
    std::vector<output::EraOutput> outputs;  ///< without writers at first
    std::vector<std::size_t> tasks;          ///< by output: whose it is

    [[nodiscard]] bool hold_eras() const;
};

/// Of the tasks, as they are. Sources are `models` and, behind them, `joined`.
TaskOutputs describe_outputs(std::span<const PredictionTask> tasks, const TaskSlots& slots,
                             const Models& models, const JoinedFiles& joined,
                             const PredictionOptions& options);

/// By task; null where nothing is written.
using TaskWriters = std::vector<std::unique_ptr<output::PredictionWriter>>;

/// The files that tasks write. An error ends its task; when none is left, the first one is thrown.
/// `models`: loaded ones.
TaskWriters open_writers(std::span<const PredictionTask> tasks, TaskSlots& slots,
                         const Models& models);

/// Puts the file of every task that is left in its place. An error ends its task.
void finish_writers(std::span<const PredictionTask> tasks, TaskSlots& slots,
                    const TaskWriters& writers);

}  // namespace erawise
