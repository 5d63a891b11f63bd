#include "commands/pipeline.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <system_error>

#include "acquire/download.h"
#include "acquire/round_wait.h"
#include "commands/diagnosis_run.h"
#include "commands/network.h"
#include "commands/submission_run.h"
#include "commands/submission_tasks.h"
#include "predict/memory_plan.h"
#include "predict/prediction.h"
#include "report/progress.h"
#include "report/score_text.h"
#include "report/text.h"
#include "submit/submission_check.h"
#include "util/exit_code.h"
#include "util/memory_limit.h"
#include "util/terminal.h"

namespace erawise {
namespace {

constexpr std::uint64_t kTransferBytes =
    transport::kHttpMemoryBytes + submit::kSubmissionCheckBytes;

/// Runs a stage and notes its wall time in the report.
template <typename Body>
auto timed(RunReport& report, const char* stage, Body&& body) {
    struct AtEnd {
        std::function<void()> note;
        ~AtEnd() { note(); }
    };
    const std::size_t span = report.timeline.begin(stage);
    const AtEnd at_end{[&] { report.stages.emplace_back(stage, report.timeline.end(span)); }};
    return util::with_context(stage, std::forward<Body>(body));
}

ProgressStyle progress_style(const Config& config) {
    const bool on_terminal = util::error_terminal().is_terminal;
    switch (config.progress) {
        case Progress::always:
            return on_terminal ? ProgressStyle::bar : ProgressStyle::lines;
        case Progress::never:
            return ProgressStyle::none;
        case Progress::automatic:
            break;
    }
    const bool bar = on_terminal && config.log.format == util::LogFormat::text;
    return bar ? ProgressStyle::bar : ProgressStyle::lines;
}

void create_folder(const std::filesystem::path& folder) {
    std::error_code status;
    std::filesystem::create_directories(folder, status);
    if (status) {
        throw util::Error(
            util::ErrorKind::disk,
            fmt::format("cannot create the folder {0}: {1}; mount a folder that user {2} may write "
                        "to (on the host: chown {2} FOLDER, or docker run --user), or choose "
                        "another one with --data-directory or --output-directory",
                        folder.string(), status.message(), getuid()));
    }
}

acquire::Freshness to_acquire(Freshness freshness) {
    return freshness == Freshness::warn ? acquire::Freshness::warn : acquire::Freshness::strict;
}

acquire::DownloadedFile fetch(const Config& config, Network& network,
                              acquire::DownloadOptions options, RunReport& report) {
    ProgressDisplay display(progress_style(config), "download", 0, std::nullopt);
    options.directory = config.data.directory;
    options.freshness = to_acquire(config.data.freshness);
    options.progress = [&](std::uint64_t bytes, std::optional<std::uint64_t> total) {
        display.set_total(total.value_or(0));
        display.update(bytes, 0);
        report.timeline.tick();
    };
    auto downloaded =
        acquire::download_dataset(network.api, network.http, network.retrier, options);
    report.bytes_downloaded += downloaded.bytes_downloaded;
    return downloaded;
}

infer::EngineChoice engine_choice(Engine engine) {
    switch (engine) {
        case Engine::bitsliced:
            return infer::EngineChoice::bitsliced;
        case Engine::xgboost:
            return infer::EngineChoice::xgboost;
        case Engine::automatic:
            break;
    }
    return infer::EngineChoice::automatic;
}

/// What a prediction is made for, beside the files that tasks name.
struct Purpose {
    std::uint64_t transfer_bytes = 0;   ///< of memory that comes afterwards, to submit
    std::optional<ScoreOptions> score;  ///< empty: nothing is scored
};

/// Predicts with all tasks; fills the report. Returns the ids of the rows when there is something
/// to submit. See prediction.h.
util::IdSet predict_tasks(const Config& config, const std::filesystem::path& data,
                          std::vector<PredictionTask>& tasks, const Purpose& purpose,
                          RunReport& report, const util::StopSignal& stop) {
    PredictionOptions options;
    options.data = data;
    options.transfer_bytes = purpose.transfer_bytes;
    options.data_type = config.data.data_type;
    options.null_value = config.data.null_value;
    options.feature_set = config.data.feature_set;
    options.features_file = effective_features_file(config, data);
    options.work_directory = effective_work_directory(
        config, tasks.front().output ? tasks.front().output->path : std::filesystem::path("-"));
    options.collect_ids = purpose.transfer_bytes > 0;
    options.predictor.engine = engine_choice(config.engine);
    options.predictor.trees =
        config.predict.all_trees ? infer::TreeChoice::all : infer::TreeChoice::best;
    options.predictor.self_check = config.self_check ? infer::SelfCheck::on : infer::SelfCheck::off;
    options.threads = config.threads == 0 ? util::available_processors() : config.threads;
    options.cap = configured_memory_cap(config);
    std::error_code status;
    const std::uintmax_t bytes = std::filesystem::file_size(data, status);
    ProgressDisplay display(progress_style(config), "predict", status ? 0 : bytes,
                            options.cap ? std::optional(options.cap->bytes) : std::nullopt);
    options.collect_distributions = !config.report_html.empty();
    options.score = purpose.score;
    const PredictionResult result =
        predict_file(options, tasks, stop, [&](std::uint64_t consumed, std::uint64_t rows) {
            display.update(consumed, rows);
            report.timeline.tick();
        });
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
    if (result.engine != "file") {
        spdlog::info("{} rows in {} predicted with {}", report.rows, counted(report.eras, "era"),
                     counted(report.features_used, "feature"));
    }
    return result.stream.ids;
}

output::WriterOptions predictions_file(const Config& config, const std::filesystem::path& path,
                                       const util::StopSignal& stop) {
    return {.path = path,
            .prediction_column = config.predict.prediction_column,
            .non_finite = config.predict.non_finite == NonFinite::keep ? output::NonFinite::written
                                                                       : output::NonFinite::refused,
            .result = config.dry_run ? output::Result::discarded : output::Result::kept,
            .stop = &stop};
}

ScoreOptions score_options(const Config& config) {
    return {.target = config.score.target,
            .meta_model = config.score.meta_model,
            .meta_model_column = config.score.meta_model_column,
            .fnc_set = config.score.fnc_set};
}

/// Puts the scores into the report; returns them as the user wants to read them.
std::string note_scores(const Config& config, const std::vector<PredictionTask>& tasks,
                        RunReport& report) {
    for (const PredictionTask& task : tasks) {
        report.scores.push_back({.name = task.name,
                                 .target = config.score.target,
                                 .eras = task.scores,
                                 .contribution = task.contribution});
    }
    return scores_text(report.scores, config.score.format);
}

/// Whether features.json has to be there.
bool needs_feature_sets(const Config& config, const std::vector<PredictionTask>& tasks) {
    return !config.data.feature_set.empty() ||
           std::ranges::any_of(tasks, [](const PredictionTask& task) {
               return std::ranges::contains(task.transforms,
                                            output::TransformStep::Kind::neutralize,
                                            &output::TransformStep::kind);
           });
}

/// The story of a run. The errors of single models stay with their tasks.
void run_round(const Config& config, std::vector<PredictionTask>& tasks, RunReport& report,
               const util::StopSignal& stop) {
    Network network(config, stop);
    const std::string file = config.data.version + "/" + config.data.file;

    auto models =
        timed(report, "account", [&] { return check_account_early(config, network, tasks); });
    const auto open = timed(report, "wait", [&] {
        return acquire::wait_for_round(network.api, network.clock, network.random,
                                       {.wait = config.schedule.wait,
                                        .late = to_transport(config.schedule.late),
                                        .file = file,
                                        .freshness = to_acquire(config.data.freshness)});
    });
    network.set_deadline(open.closes());
    const auto lock = lock_submissions(config, network, open.closes());
    if (!models) {
        models = timed(report, "account", [&] { return check_account(config, network, tasks); });
    }
    const auto data = timed(report, "acquire", [&] {
        return fetch(config, network,
                     {.file = file,
                      .round = open.round,
                      .key_is_settled = open.data_key_is_settled,
                      .url = open.data_url},
                     report);
    });
    if (needs_feature_sets(config, tasks) && config.data.features_file.empty()) {
        timed(report, "features", [&] {
            return fetch(config, network, {.file = config.data.version + "/features.json"}, report);
        });
    }
    const auto ids = timed(report, "predict", [&] {
        return predict_tasks(config, data.path, tasks,
                             {.transfer_bytes = kTransferBytes, .score = {}}, report, stop);
    });
    timed(report, "submit",
          [&] { submit_tasks(config, network, tasks, *models, open, ids, report); });
}

}  // namespace

std::optional<MemoryCap> configured_memory_cap(const Config& config) {
    return memory_cap(config.memory_limit_bytes, std::string(config.origin_of("memory_limit")));
}

namespace commands {

void run(const Config& config, RunReport& report, const util::StopSignal& stop) {
    std::vector<PredictionTask> tasks = submission_tasks(config);
    if (tasks.empty()) {
        spdlog::info("this shard has no models: there is nothing to do");
        return;
    }
    create_folder(effective_output_directory(config));
    std::optional<util::Error> worst;
    try {
        run_round(config, tasks, report, stop);
        worst = worst_error(tasks);
    } catch (const util::Error& error) {
        report_unsent(tasks, error, report);
        worst = error;
        if (const auto of_a_model = worst_error(tasks);
            of_a_model && severity(of_a_model->kind()) > severity(error.kind())) {
            worst = of_a_model;
        }
    }
    if (worst) {
        throw *worst;
    }
}

void predict(const Config& config, RunReport& report, const util::StopSignal& stop) {
    std::vector<PredictionTask> tasks = {prediction_task(config, Command::predict)};
    tasks.front().output = predictions_file(config, config.predict.output, stop);
    timed(report, "predict",
          [&] { predict_tasks(config, config.predict.data, tasks, {}, report, stop); });
}

std::string backtest(const Config& config, RunReport& report, const util::StopSignal& stop) {
    std::vector<PredictionTask> tasks = {prediction_task(config, Command::backtest)};
    if (!config.score.output.empty()) {
        tasks.front().output = predictions_file(config, config.score.output, stop);
    }
    timed(report, "predict", [&] {
        predict_tasks(config, config.predict.data, tasks,
                      {.transfer_bytes = 0, .score = score_options(config)}, report, stop);
    });
    return note_scores(config, tasks, report);
}

std::string score(const Config& config, RunReport& report, const util::StopSignal& stop) {
    std::vector<PredictionTask> tasks = {
        {.name = config.score.predictions.filename().string(),
         .models = {{.file = config.score.predictions, .column = config.score.prediction_column}},
         .source = TaskSource::predictions_file}};
    timed(report, "score", [&] {
        predict_tasks(config, config.score.data, tasks,
                      {.transfer_bytes = 0, .score = score_options(config)}, report, stop);
    });
    return note_scores(config, tasks, report);
}

void download(const Config& config, RunReport& report, const util::StopSignal& stop) {
    Network network(config, stop);
    timed(report, "acquire", [&] {
        return fetch(config, network,
                     {.file = config.download.file,
                      .result = config.dry_run ? acquire::DownloadResult::discarded
                                               : acquire::DownloadResult::kept},
                     report);
    });
}

void submit(const Config& config, RunReport& report, const util::StopSignal& stop) {
    Network network(config, stop);
    timed(report, "submit", [&] { submit_file(config, network, report, stop); });
}

void diagnose(const Config& config, RunReport& report, const util::StopSignal& stop) {
    Network network(config, stop);
    timed(report, "diagnose", [&] { diagnose_file(config, network, report); });
    if (!config.dry_run) {
        std::fputs(diagnostics_tables(*report.diagnostics).c_str(), stdout);
    }
}

}  // namespace commands
}  // namespace erawise
