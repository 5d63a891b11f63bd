#include "predict/prediction.h"

#include <utility>

#include "predict/data_file.h"
#include "predict/prepared_run.h"
#include "predict/run.h"

namespace erawise {

PredictionResult predict_file(const PredictionOptions& options,
                              std::span<const PredictionTask> tasks, TaskSlots& slots,
                              const util::StopSignal& stop, const ProgressCallback& progress) {
    return run_predictions(prepare_run(options, tasks, slots, stop), options, tasks, slots, stop,
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
