#include "commands/prediction_run.h"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <system_error>
#include <utility>

#include "report/progress.h"
#include "report/score_text.h"
#include "report/text.h"
#include "util/memory_limit.h"

namespace erawise {
namespace {

PredictionOptions prediction_options(const Config& config, const std::filesystem::path& data,
                                     std::span<const PredictionTask> tasks,
                                     const Purpose& purpose) {
    PredictionOptions options;
    options.data = data;
    options.transfer_bytes = purpose.transfer_bytes;
    options.data_type = config.data.data_type;
    options.null_value = config.data.null_value;
    options.feature_set = config.data.feature_set;
    options.feature_sets =
        FeatureSets(effective_features_file(config, data), purpose.no_feature_sets);
    options.work_directory = effective_work_directory(
        config, tasks.front().output ? tasks.front().output->path : std::filesystem::path("-"));
    options.collect_ids = purpose.transfer_bytes > 0;
    options.predictor.engine = config.engine;
    options.predictor.trees =
        config.predict.all_trees ? infer::TreeChoice::all : infer::TreeChoice::best;
    options.predictor.self_check = config.self_check ? infer::SelfCheck::on : infer::SelfCheck::off;
    options.threads = config.threads == 0 ? util::available_processors() : config.threads;
    options.cap = effective_memory_cap(config);
    options.collect_distributions = !config.report_html.empty();
    options.score = purpose.score;
    return options;
}

void note_result(const PredictionResult& result, RunReport& report) {
    report.rows = result.stream.rows;
    report.eras = result.stream.eras.size();
    for (const EraRows& era : result.stream.eras) {
        report.rows_by_era.emplace_back(era.era, era.rows);
    }
    report.features_used = result.features_used;
    report.bytes_spilled = result.stream.spilled_bytes;
    report.engine = result.engine;
    report.kernel = result.kernel;
    report.stages.emplace_back("decode", result.stream.decode_seconds);
    report.stages.emplace_back("infer", result.stream.predict_seconds);
    report.stages.emplace_back("output", result.stream.write_seconds);
    report.memory_plan = result.plan.entries;
    for (const ModelDistribution& distribution : result.distributions) {
        report.predictions.push_back({distribution.name, distribution.values});
    }
}

}  // namespace

PredictionResult predict_tasks(const Config& config, const std::filesystem::path& data,
                               std::span<const PredictionTask> tasks, TaskSlots& slots,
                               const Purpose& purpose, RunReport& report,
                               const util::StopSignal& stop) {
    const PredictionOptions options = prediction_options(config, data, tasks, purpose);
    std::error_code status;
    const std::uintmax_t bytes = std::filesystem::file_size(data, status);
    ProgressDisplay display(progress_style(config), "predict", status ? 0 : bytes,
                            options.cap ? std::optional(options.cap->bytes) : std::nullopt);
    PredictionResult result =
        predict_file(options, tasks, slots, stop, [&](std::uint64_t consumed, std::uint64_t rows) {
            display.update(consumed, rows);
            report.timeline.tick();
        });
    note_result(result, report);
    if (result.engine != "file") {
        spdlog::info("{} rows in {} predicted with {}", report.rows, counted(report.eras, "era"),
                     counted(report.features_used, "feature"));
    }
    return result;
}

PredictionResult predict_task(const Config& config, const std::filesystem::path& data,
                              const PredictionTask& task, const Purpose& purpose, RunReport& report,
                              const util::StopSignal& stop) {
    TaskSlots slots(1);
    return predict_tasks(config, data, std::span(&task, 1), slots, purpose, report, stop);
}

output::WriterOptions predictions_file(const Config& config, const std::filesystem::path& path,
                                       const util::StopSignal& stop) {
    return {.path = path,
            .prediction_column = config.predict.prediction_column,
            .non_finite = config.predict.non_finite,
            .result = config.dry_run ? output::Result::discarded : output::Result::kept,
            .stop = &stop};
}

ScoreOptions score_options(const Config& config) {
    ScoreOptions options{
        .target = config.score.target, .meta_model = {}, .fnc_set = config.score.fnc_set};
    if (!config.score.meta_model.empty()) {
        options.meta_model = {.file = config.score.meta_model,
                              .column = config.score.meta_model_column};
    }
    return options;
}

void tell_scores(const Config& config, const PredictionTask& task, const TaskResult& result,
                 RunReport& report) {
    report.scores.push_back({.name = task.name,
                             .target = config.score.target,
                             .eras = result.scores,
                             .contribution = result.contribution});
    std::fputs(scores_text(report.scores, config.score.format).c_str(), stdout);
}

}  // namespace erawise
