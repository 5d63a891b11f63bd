#pragma once

#include <string>
#include <utility>
#include <vector>

#include "predict/task.h"
#include "predict/task_slots.h"

namespace erawise {

/// The submissions of a `run`, each for the Numerai model of its task's name. A slot keeps the
/// error that ended a submission, and the others go on.
struct Submissions {
    explicit Submissions(std::vector<PredictionTask> of)
        : tasks(std::move(of)), model_ids(tasks.size()), slots(tasks.size()) {}

    [[nodiscard]] std::size_t size() const noexcept { return tasks.size(); }

    std::vector<PredictionTask> tasks;
    std::vector<std::string> model_ids;  ///< since the account was asked
    TaskSlots slots;
};

}  // namespace erawise
