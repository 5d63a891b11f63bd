#include "commands/commands.h"

#include "commands/prediction_run.h"
#include "commands/submission_tasks.h"
#include "commands/timed.h"

namespace erawise {

void commands::predict(const Config& config, RunReport& report, const util::StopSignal& stop) {
    PredictionTask task = prediction_task(config, Command::predict);
    task.output = predictions_file(config, config.predict.output, stop);
    timed(report, "predict",
          [&] { return predict_task(config, config.predict.data, task, {}, report, stop); });
}

}  // namespace erawise
