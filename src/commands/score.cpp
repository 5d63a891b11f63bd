#include "commands/commands.h"

#include "commands/prediction_run.h"
#include "commands/timed.h"

namespace erawise {

void commands::score(const Config& config, RunReport& report, const util::StopSignal& stop) {
    std::vector<PredictionTask> tasks = {
        {.name = config.score.predictions.filename().string(),
         .models = {{.file = config.score.predictions, .column = config.score.prediction_column}},
         .source = TaskSource::predictions_file}};
    timed(report, "score", [&] {
        predict_tasks(config, config.score.data, tasks,
                      {.transfer_bytes = 0, .score = score_options(config)}, report, stop);
    });
    tell_scores(config, tasks, report);
}

}  // namespace erawise
