#include "predict/prediction.h"

#include <algorithm>
#include <utility>

#include "predict/data_file.h"
#include "predict/prepared_run.h"
#include "predict/run.h"

namespace erawise {
namespace {

/// Where nothing is left to predict, rows are decoded and finished: more threads than these two
/// would only take memory.
PredictionOptions with_useful_threads(PredictionOptions options,
                                      std::span<const PredictionTask> tasks) {
    constexpr unsigned kDecodeAndFinish = 2;
    if (std::ranges::all_of(tasks, [](const auto& task) { return task.models.empty(); })) {
        options.threads = std::min(options.threads, kDecodeAndFinish);
    }
    return options;
}

}  // namespace

PredictionResult predict_file(const PredictionOptions& options,
                              std::span<const PredictionTask> tasks, TaskSlots& slots,
                              const util::StopSignal& stop, const ProgressCallback& progress) {
    const PredictionOptions useful = with_useful_threads(options, tasks);
    return run_predictions(prepare_run(useful, tasks, slots, stop), useful, tasks, slots, stop,
                           progress);
}

MemoryPlan plan_prediction(const PredictionOptions& options, std::span<const PredictionTask> tasks,
                           const util::StopSignal& stop) {
    TaskSlots slots(tasks.size());
    PreparedRun prepared = prepare_run(options, tasks, slots, stop);
    if (!prepared.decoder) {
        prepared.decoder = open_data(options, prepared.order, prepared.plan.plan());
        prepared.decoder->select(prepared.selection.features.names(), prepared.selection.numbers);
    }
    prepared.plan.make(*prepared.decoder, prepared.decoder->survey(stop), stop);
    return prepared.plan.plan();
}

}  // namespace erawise
