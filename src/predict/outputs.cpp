#include "predict/outputs.h"

#include <algorithm>
#include <utility>

#include "util/error.h"

namespace erawise {
namespace {

std::vector<output::Member> members_of(const PredictionTask& task, std::size_t place,
                                       const Models& models, const JoinedFiles& joined) {
    if (const auto file = joined.of_task(place)) {
        return {{.source = models.files.size() + *file}};
    }
    std::vector<output::Member> members;
    const std::vector<std::size_t>& of_task = models.of_task[place];
    for (std::size_t i = 0; i < of_task.size(); ++i) {
        members.push_back({.source = of_task[i], .weight = task.models[i].weight});
    }
    return members;
}

/// What one model predicts in float32, and nothing is done to, is exact with fewer digits.
output::Precision precision_of(const PredictionTask& task, std::size_t place,
                               const Models& models) {
    const std::vector<std::size_t>& of_task = models.of_task[place];
    const bool is_float32 =
        of_task.size() == 1 && task.transforms.empty() &&
        models.files[of_task.front()].predictor->arithmetic() == infer::Arithmetic::float32;
    return is_float32 ? output::Precision::float32 : output::Precision::float64;
}

}  // namespace

bool TaskOutputs::hold_eras() const {
    return std::ranges::any_of(outputs, &output::EraOutput::holds_eras);
}

TaskOutputs describe_outputs(std::span<const PredictionTask> tasks, const TaskSlots& slots,
                             const Models& models, const JoinedFiles& joined,
                             const PredictionOptions& options) {
    TaskOutputs outputs;
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        if (slots.is_left(task)) {
            outputs.tasks.push_back(task);
            outputs.outputs.push_back({.name = tasks[task].name,
                                       .members = members_of(tasks[task], task, models, joined),
                                       .blend = tasks[task].blend,
                                       .transforms = tasks[task].transforms,
                                       .is_scored = options.score.has_value()});
        }
    }
    return outputs;
}

TaskWriters open_writers(std::span<const PredictionTask> tasks, TaskSlots& slots,
                         const Models& models) {
    TaskWriters writers(tasks.size());
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        slots.attempt(task, [&] {
            if (!tasks[task].output) {
                return;
            }
            output::WriterOptions options = *tasks[task].output;
            options.precision = precision_of(tasks[task], task, models);
            util::with_context(tasks[task].name, [&] {
                writers[task] = std::make_unique<output::PredictionWriter>(std::move(options));
            });
        });
    }
    slots.require_any();
    return writers;
}

void finish_writers(std::span<const PredictionTask> tasks, TaskSlots& slots,
                    const TaskWriters& writers) {
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        slots.attempt(task, [&] {
            if (writers[task]) {
                util::with_context(tasks[task].name, [&] { writers[task]->finish(); });
            }
        });
    }
}

}  // namespace erawise
