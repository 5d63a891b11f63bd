#include "predict/models.h"

#include <algorithm>
#include <utility>

#include "infer/formats/model_reader.h"
#include "util/byte_size.h"

namespace erawise {
namespace {

/// Model files up to this size in all are read once: their trees wait in memory until the data's
/// columns are known. A 2000-tree model has 5.4 MiB as .ubj, and its trees 2 MiB.
constexpr std::uint64_t kForestFileBytes = 16 * util::kMiB;

std::uint64_t memory_of(const infer::Forest& forest) {
    return forest.nodes.size() * sizeof(infer::TreeNode) + forest.leaves.size() * sizeof(double);
}

/// The place of the model in the list, to which it is added where it is new.
std::size_t place_of(std::vector<UsedModel>& files, const PredictionTask& task,
                     const TaskModel& model) {
    const auto found = std::ranges::find_if(files, [&](const UsedModel& it) {
        return it.file == model.file && it.features == task.features;
    });
    if (found != files.end()) {
        return static_cast<std::size_t>(found - files.begin());
    }
    files.push_back(
        {.name = task.name, .file = model.file, .features = task.features, .tasks = {}});
    return files.size() - 1;
}

}  // namespace

Models list_models(std::span<const PredictionTask> tasks, const TaskSlots& slots) {
    Models models;
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        std::vector<std::size_t>& of_task = models.of_task.emplace_back();
        if (!slots.is_left(task)) {
            continue;
        }
        for (const TaskModel& model : tasks[task].models) {
            of_task.push_back(place_of(models.files, tasks[task], model));
            models.files[of_task.back()].tasks.push_back(task);
        }
    }
    return models;
}

/// Trees are kept from this reading on while they are small, so that few files are read twice.
Models read_models(Models listed, TaskSlots& slots, const util::StopSignal& stop) {
    std::uint64_t room = kForestFileBytes;
    for_each_model(listed, slots, [&](UsedModel& model) {
        infer::Model read = infer::read_model(model.file, room, &stop);
        if (read.forest) {
            room -= std::min(room, read.description.file_bytes);
            listed.forests_bytes += memory_of(*read.forest);
        }
        model.model = {std::move(read.description), std::move(read.forest), {}};
    });
    return needed_models(std::move(listed), slots);
}

Models load_models(Models matched, TaskSlots& slots, infer::PredictorFactory& factory) {
    std::vector<const infer::ModelToLoad*> to_load;
    for (const UsedModel& model : matched.files) {
        to_load.push_back(&model.model);
    }
    const auto tests = factory.shared_tests(to_load);
    for_each_model(matched, slots,
                   [&](UsedModel& model) { model.predictor = factory.make(model.model, tests); });
    return needed_models(std::move(matched), slots);
}

Models needed_models(Models models, const TaskSlots& slots) {
    Models needed{.files = {},
                  .of_task = std::vector<std::vector<std::size_t>>(models.of_task.size()),
                  .forests_bytes = models.forests_bytes};
    std::vector<std::size_t> new_place(models.files.size());
    for (std::size_t place = 0; place < models.files.size(); ++place) {
        if (slots.any_is_left(models.files[place].tasks)) {
            new_place[place] = needed.files.size();
            needed.files.push_back(std::move(models.files[place]));
        }
    }
    for (std::size_t task = 0; task < models.of_task.size(); ++task) {
        for (const std::size_t place : models.of_task[task]) {
            if (slots.is_left(task)) {
                needed.of_task[task].push_back(new_place[place]);
            }
        }
    }
    return needed;
}

}  // namespace erawise
