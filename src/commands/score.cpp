#include "commands/commands.h"

#include "commands/prediction_run.h"
#include "commands/timed.h"

namespace erawise {

void commands::score(const Config& config, RunReport& report, const util::StopSignal& stop) {
    const PredictionTask task{.name = config.score.predictions.filename().string(),
                              .predictions = ValueFile{.file = config.score.predictions,
                                                       .column = config.score.prediction_column}};
    const PredictionResult result = timed(report, "score", [&] {
        return predict_task(config, config.score.data, task,
                            {.transfer_bytes = 0, .score = score_options(config)}, report, stop);
    });
    tell_scores(config, task, result.tasks.front(), report);
}

}  // namespace erawise
