#include "commands/commands.h"

#include "commands/prediction_run.h"
#include "commands/submission_tasks.h"
#include "commands/timed.h"

namespace erawise {

void commands::backtest(const Config& config, RunReport& report, const util::StopSignal& stop) {
    std::vector<PredictionTask> tasks = {prediction_task(config, Command::backtest)};
    if (!config.score.output.empty()) {
        tasks.front().output = predictions_file(config, config.score.output, stop);
    }
    timed(report, "predict", [&] {
        predict_tasks(config, config.predict.data, tasks,
                      {.transfer_bytes = 0, .score = score_options(config)}, report, stop);
    });
    tell_scores(config, tasks, report);
}

}  // namespace erawise
