#include "predict/run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "predict/data_file.h"
#include "predict/outputs.h"

namespace erawise {
namespace {

/// What all steps of a run see.
struct Context {
    const PredictionOptions& options;
    std::span<const PredictionTask> tasks;
    TaskSlots& slots;
    const util::StopSignal& stop;
};

/// The data is read to its end, so that the limit that is named does for its largest era.
[[noreturn]] void refuse_era(const output::EraTooLarge& error, const Context& context,
                             const MemoryNeeds& needs) {
    const double bytes =
        double(rows_of_largest_era(context.options, context.stop)) * error.bytes_per_row();
    throw util::Error(
        util::ErrorKind::memory,
        fmt::format("{}; raise the limit: a limit of {} MiB would do; or use "
                    "--transform none",
                    error.what(),
                    limit_for_era(needs, *context.options.cap, static_cast<std::uint64_t>(bytes))));
}

/// A new plan under the same cap, for rows that take more than those before them.
RowMemory more_memory(PreparedRun& prepared, const Context& context, const era::BlockLayout& layout,
                      output::EraFinisher& finisher) {
    prepared.plan.make_anew(*prepared.decoder, layout, finisher.held_bytes(), context.stop);
    const MemoryPlan& plan = prepared.plan.plan();
    finisher.set_era_memory(plan.era_memory_bytes);
    spdlog::info("{}: rows take more than the first ones told", context.options.data.string());
    log_memory_plan(plan);
    return {.batch_storage_bytes = plan.batch_storage_bytes,
            .decoder = prepared.plan.decoder_grant()};
}

void open_decoder(PreparedRun& prepared, const PredictionOptions& options) {
    if (!prepared.decoder || !prepared.decoder->grant(prepared.plan.decoder_grant())) {
        prepared.decoder = open_data(options, prepared.order, prepared.plan.plan());
        prepared.decoder->select(prepared.selection.features.names(), prepared.selection.numbers);
    }
}

std::vector<PredictionJob> jobs_of(Models& models) {
    std::vector<PredictionJob> jobs;
    for (UsedModel& model : models.files) {
        jobs.push_back({.predictor = model.predictor.get(),
                        .distribution = model.distribution ? &*model.distribution : nullptr});
    }
    return jobs;
}

/// Every row, the last era included.
StreamResult stream_rows(PreparedRun& prepared, const Context& context,
                         std::span<output::EraOutput> outputs, const ProgressCallback& progress) {
    open_decoder(prepared, context.options);
    output::EraFinisher finisher(outputs, prepared.models.files.size(),
                                 prepared.plan.finisher_options());
    const MemoryPlan& plan = prepared.plan.plan();
    const StreamOptions options = {.threads = context.options.threads,
                                   .batches = plan.batches,
                                   .batch_storage_bytes = plan.batch_storage_bytes,
                                   .collect_ids = context.options.collect_ids,
                                   .more_memory = [&](const auto& layout) {
                                       return more_memory(prepared, context, layout, finisher);
                                   }};
    try {
        StreamResult streamed = stream_predictions(*prepared.decoder, jobs_of(prepared.models),
                                                   finisher, options, context.stop, progress);
        prepared.decoder.reset();
        finisher.finish();
        return streamed;
    } catch (const output::EraTooLarge& error) {
        refuse_era(error, context, prepared.plan.needs());
    }
}

/// What stopped outputs and models while rows flowed.
void note_errors(const PreparedRun& prepared, const TaskOutputs& outputs, const Context& context,
                 const StreamResult& streamed) {
    for (std::size_t i = 0; i < outputs.outputs.size(); ++i) {
        if (auto error = outputs.outputs[i].error) {
            error->add_context(context.tasks[outputs.tasks[i]].name);
            context.slots.fail(outputs.tasks[i], *error);
        }
    }
    for (std::size_t model = 0; model < streamed.errors.size(); ++model) {
        if (auto error = streamed.errors[model]) {
            error->add_context(prepared.models.files[model].name);
            for (const std::size_t task : prepared.models.files[model].tasks) {
                context.slots.fail(task, *error);
            }
        }
    }
}

std::vector<TaskResult> task_results(const PreparedRun& prepared, TaskOutputs& outputs,
                                     std::size_t tasks) {
    std::vector<TaskResult> results(tasks);
    const output::EraFinisherOptions finisher = prepared.plan.finisher_options();
    for (std::size_t i = 0; i < outputs.outputs.size(); ++i) {
        TaskResult& result = results[outputs.tasks[i]];
        result.scores = std::move(outputs.outputs[i].scores);
        if (const JoinedFile* const meta = prepared.joined.meta_model()) {
            result.contribution = {meta->values.column(), finisher.contribution};
        }
    }
    return results;
}

/// In the order of the outputs, and of the models or the file of each.
std::vector<ModelDistribution> distributions_of(const PreparedRun& prepared,
                                                std::span<const std::size_t> tasks_of_outputs,
                                                std::span<const PredictionTask> tasks,
                                                const StreamResult& streamed) {
    std::vector<ModelDistribution> distributions;
    for (const std::size_t task : tasks_of_outputs) {
        const std::vector<std::size_t>& of_task = prepared.models.of_task[task];
        for (const std::size_t place : of_task) {
            const UsedModel& model = prepared.models.files[place];
            if (model.distribution && !streamed.errors[place]) {
                distributions.push_back(
                    {of_task.size() == 1
                         ? tasks[task].name
                         : fmt::format("{}: {}", tasks[task].name, model.file.filename().string()),
                     *model.distribution});
            }
        }
        const auto file = prepared.joined.of_task(task);
        if (file && prepared.joined[*file].distribution) {
            distributions.push_back({tasks[task].name, *prepared.joined[*file].distribution});
        }
    }
    return distributions;
}

void name_engines(const PreparedRun& prepared, PredictionResult& result) {
    std::set<std::string_view> engines;
    for (const UsedModel& model : prepared.models.files) {
        engines.insert(model.predictor->engine());
        result.kernel = std::max<std::string_view>(result.kernel, model.predictor->kernel());
    }
    if (prepared.joined.predictions() > 0) {
        engines.insert("file");
    }
    result.engine = fmt::format("{}", fmt::join(engines, "+"));
}

/// The outputs of the tasks that are left when models are loaded and files are open.
TaskOutputs open_outputs(PreparedRun& prepared, const Context& context,
                         const TaskWriters& writers) {
    prepared.models = needed_models(std::move(prepared.models), context.slots);
    TaskOutputs outputs = describe_outputs(context.tasks, context.slots, prepared.models,
                                           prepared.joined, context.options);
    for (std::size_t i = 0; i < outputs.outputs.size(); ++i) {
        outputs.outputs[i].writer = writers[outputs.tasks[i]].get();
    }
    return outputs;
}

void collect_distributions(PreparedRun& prepared) {
    for (UsedModel& model : prepared.models.files) {
        model.distribution.emplace();
    }
    prepared.joined.collect_distributions();
}

}  // namespace

PredictionResult run_predictions(PreparedRun prepared, const PredictionOptions& options,
                                 std::span<const PredictionTask> tasks, TaskSlots& slots,
                                 const util::StopSignal& stop, const ProgressCallback& progress) {
    const Context context{.options = options, .tasks = tasks, .slots = slots, .stop = stop};
    log_memory_plan(prepared.plan.plan());
    progress(0, 0);
    prepared.models = load_models(std::move(prepared.models), slots, prepared.factory);
    prepared.joined.set_memory(prepared.plan.plan().lookup_bytes);
    const TaskWriters writers = open_writers(tasks, slots, prepared.models);
    TaskOutputs outputs = open_outputs(prepared, context, writers);
    if (options.collect_distributions) {
        collect_distributions(prepared);
    }
    progress(0, 0);

    PredictionResult result;
    result.stream = stream_rows(prepared, context, outputs.outputs, progress);
    note_errors(prepared, outputs, context, result.stream);
    prepared.joined.finish(slots, options.data);
    finish_writers(tasks, slots, writers);
    slots.require_any();

    result.tasks = task_results(prepared, outputs, tasks.size());
    result.plan = prepared.plan.plan();
    result.features_used = prepared.selection.features_of_models;
    name_engines(prepared, result);
    result.distributions = distributions_of(prepared, outputs.tasks, tasks, result.stream);
    return result;
}

}  // namespace erawise
