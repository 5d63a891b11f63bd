#include "commands/commands.h"

#include "commands/prediction_run.h"
#include "commands/submission_tasks.h"
#include "commands/timed.h"

namespace erawise {

void commands::predict(const Config& config, RunReport& report, const util::StopSignal& stop) {
    std::vector<PredictionTask> tasks = {prediction_task(config, Command::predict)};
    tasks.front().output = predictions_file(config, config.predict.output, stop);
    timed(report, "predict",
          [&] { predict_tasks(config, config.predict.data, tasks, {}, report, stop); });
}

}  // namespace erawise
