#include "commands/commands.h"

#include "commands/prediction_run.h"
#include "commands/submission_tasks.h"
#include "commands/timed.h"

namespace erawise {

void commands::backtest(const Config& config, RunReport& report, const util::StopSignal& stop) {
    PredictionTask task = prediction_task(config, Command::backtest);
    if (!config.score.output.empty()) {
        task.output = predictions_file(config, config.score.output, stop);
    }
    const PredictionResult result = timed(report, "predict", [&] {
        return predict_task(config, config.predict.data, task,
                            {.transfer_bytes = 0, .score = score_options(config)}, report, stop);
    });
    tell_scores(config, task, result.tasks.front(), report);
}

}  // namespace erawise
