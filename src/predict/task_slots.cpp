#include "predict/task_slots.h"

#include <algorithm>

namespace erawise {

bool TaskSlots::any_is_left(std::span<const std::size_t> tasks) const {
    return std::ranges::any_of(tasks, [this](std::size_t task) { return is_left(task); });
}

void TaskSlots::fail(std::size_t task, const util::Error& error) {
    if (is_left(task)) {
        errors_[task] = error;
    }
}

void TaskSlots::fail_all(std::span<const std::size_t> tasks, const util::Error& error) {
    if (error.kind() == util::ErrorKind::cancelled) {
        throw util::Error(error);
    }
    for (const std::size_t task : tasks) {
        fail(task, error);
    }
}

void TaskSlots::require_any() const {
    if (!errors_.empty() &&
        std::ranges::all_of(errors_, [](const auto& error) { return error.has_value(); })) {
        throw util::Error(*errors_.front());
    }
}

}  // namespace erawise
