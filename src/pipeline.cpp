#include "pipeline.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <system_error>

#include "acquire/download.h"
#include "acquire/round_wait.h"
#include "memory_plan.h"
#include "prediction.h"
#include "progress.h"
#include "submission_tasks.h"
#include "submit/model_name.h"
#include "submit/submission_check.h"
#include "submit/submit.h"
#include "transport/curl_http_client.h"
#include "transport/numerai_api.h"
#include "transport/retry.h"
#include "util/byte_size.h"
#include "util/clock.h"
#include "util/memory_limit.h"

namespace erawise {
namespace {

constexpr std::uint64_t kTransferBytes =
    transport::kHttpMemoryBytes + submit::kSubmissionCheckBytes;

/// What talks to Numerai. Nothing is opened before the first call.
struct Network {
    Network(const Config& config, const util::StopSignal& stop)
        : clock(stop),
          random(transport::system_random()),
          http(stop),
          retrier({.initial = config.retry.initial,
                   .maximum = config.retry.maximum,
                   .budget = config.retry.budget},
                  clock, random),
          api(http, retrier, api_options(config)) {}

    static transport::NumeraiApiOptions api_options(const Config& config) {
        transport::NumeraiApiOptions options{.url = config.api_url, .credentials = std::nullopt};
        if (!config.numerai.secret_key.empty()) {
            options.credentials =
                transport::Credentials{config.numerai.public_id, config.numerai.secret_key};
        }
        return options;
    }

    util::SystemClock clock;
    transport::RandomFraction random;
    transport::CurlHttpClient http;
    transport::Retrier retrier;
    transport::NumeraiApi api;
};

/// Runs a stage and notes its wall time in the report.
template <typename Body>
auto timed(RunReport& report, const char* stage, Body&& body) {
    const auto start = std::chrono::steady_clock::now();
    struct AtEnd {
        std::function<void()> note;
        ~AtEnd() { note(); }
    };
    const AtEnd at_end{[&] {
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        report.stages.emplace_back(stage, seconds.count());
    }};
    return util::with_context(stage, std::forward<Body>(body));
}

ProgressStyle progress_style(const Config& config) {
    const bool on_terminal = isatty(STDERR_FILENO) == 1;
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
            fmt::format("cannot create the folder {}: {}; mount a folder that user {} "
                        "may write to, or choose another one",
                        folder.string(), status.message(), getuid()));
    }
}

acquire::DownloadedFile fetch(const Config& config, Network& network, const std::string& file,
                              std::optional<int> round, RunReport& report) {
    ProgressDisplay display(progress_style(config), "download", 0, std::nullopt);
    const auto downloaded = acquire::download_dataset(
        network.api, network.http, network.retrier,
        {.file = file,
         .directory = config.data.directory,
         .round = round,
         .progress = [&](std::uint64_t bytes, std::optional<std::uint64_t> total) {
             display.set_total(total.value_or(0));
             display.update(bytes, 0);
         }});
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

/// Predicts with all tasks; fills the report. `transfer_bytes`: of memory that comes afterwards.
/// See prediction.h.
void predict_tasks(const Config& config, const std::filesystem::path& data,
                   std::vector<PredictionTask>& tasks, std::uint64_t transfer_bytes,
                   RunReport& report, const util::StopSignal& stop) {
    PredictionOptions options;
    options.data = data;
    options.transfer_bytes = transfer_bytes;
    options.data_type = config.data.data_type;
    options.null_value = config.data.null_value;
    options.feature_set = config.data.feature_set;
    options.features_file = effective_features_file(config, data);
    options.work_directory = effective_work_directory(config, tasks.front().output.path);
    options.predictor.engine = engine_choice(config.engine);
    options.predictor.trees =
        config.predict.all_trees ? infer::TreeChoice::all : infer::TreeChoice::best;
    options.threads = config.threads == 0 ? util::available_processors() : config.threads;
    options.cap = configured_memory_cap(config);
    std::error_code status;
    const std::uintmax_t bytes = std::filesystem::file_size(data, status);
    ProgressDisplay display(progress_style(config), "predict", status ? 0 : bytes,
                            options.cap ? std::optional(options.cap->bytes) : std::nullopt);
    const PredictionResult result = predict_file(
        options, tasks, stop,
        [&](std::uint64_t consumed, std::uint64_t rows) { display.update(consumed, rows); });
    report.rows = result.stream.rows;
    report.eras = result.stream.eras;
    report.features_used = result.features_used;
    report.engine = result.engine;
    report.kernel = result.kernel;
    report.stages.emplace_back("decode", result.stream.decode_seconds);
    report.stages.emplace_back("infer", result.stream.predict_seconds);
    report.stages.emplace_back("output", result.stream.write_seconds);
    report.memory_plan = result.plan.entries;
    spdlog::info("{} rows in {} eras predicted with {} features", report.rows, report.eras,
                 report.features_used);
}

/// The ids of the tasks' models in the account, in their order. A name that the account lacks fails
/// its task.
std::vector<std::string> model_ids(const Config& config, transport::NumeraiApi& api,
                                   std::vector<PredictionTask>& tasks) {
    if (!config.numerai.model_id.empty()) {
        return {config.numerai.model_id};
    }
    if (config.dry_run && !api.has_credentials()) {
        spdlog::info("no key pair: the models' names are not looked up (--dry-run)");
        return std::vector<std::string>(tasks.size());
    }
    const std::vector<transport::Model> models = api.models();
    std::vector<std::string> ids;
    for (PredictionTask& task : tasks) {
        try {
            ids.push_back(submit::model_id_of(models, task.name));
        } catch (const util::Error& error) {
            ids.emplace_back();
            task.error = error;
        }
    }
    return ids;
}

SubmissionReport submit_task(const Config& config, Network& network, const PredictionTask& task,
                             const std::string& model_id, std::optional<int> round) {
    if (config.dry_run) {
        const submit::CheckedSubmission checked = submit::check_submission(task.output.path);
        spdlog::info("{}: {} rows are ready in {}; nothing is sent (--dry-run)", task.name,
                     checked.rows, task.output.path.string());
        return {task.name, round.value_or(0), "", "skipped", "", ""};
    }
    const submit::SubmissionResult result =
        submit::submit_predictions(network.api, network.http, network.retrier, network.random,
                                   {.predictions = task.output.path,
                                    .model_name = task.name,
                                    .model_id = model_id,
                                    .round = round,
                                    .trigger_id = config.numerai.trigger_id,
                                    .compute_id = config.numerai.compute_id});
    return {task.name, result.round, result.submission_id, "accepted", result.sha256, ""};
}

/// Submits what was predicted; each model on its own. The first error is thrown in the end.
void submit_tasks(const Config& config, Network& network, std::vector<PredictionTask>& tasks,
                  const std::vector<std::string>& ids, std::optional<int> round,
                  RunReport& report) {
    std::optional<util::Error> first;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        try {
            if (tasks[i].error) {
                throw *tasks[i].error;
            }
            report.submissions.push_back(submit_task(config, network, tasks[i], ids[i], round));
        } catch (const util::Error& error) {
            if (error.kind() == util::ErrorKind::cancelled) {
                throw;
            }
            if (tasks.size() > 1) {
                spdlog::error("{}: {}", tasks[i].name, error.what());
            }
            report.submissions.push_back(
                {tasks[i].name, round.value_or(0), "", "failed", "", error.what()});
            first = first ? first : error;
        }
    }
    if (first) {
        throw *first;
    }
}

}  // namespace

std::optional<MemoryCap> configured_memory_cap(const Config& config) {
    return memory_cap(config.memory_limit_bytes, std::string(config.origin_of("memory_limit")));
}

namespace commands {

void run(const Config& config, RunReport& report, const util::StopSignal& stop) {
    std::vector<PredictionTask> tasks = submission_tasks(config);
    create_folder(effective_output_directory(config));
    Network network(config, stop);
    const std::string file = config.data.version + "/" + config.data.file;

    const auto round = timed(report, "wait", [&] {
        return acquire::wait_for_round(network.api, network.clock, network.random,
                                       {.wait = config.schedule.wait});
    });
    if (round.close_staking_time) {
        network.retrier.set_deadline(*round.close_staking_time);
    }
    const auto ids = timed(report, "models", [&] { return model_ids(config, network.api, tasks); });
    const auto data = timed(report, "acquire",
                            [&] { return fetch(config, network, file, round.number, report); });
    if (!config.data.feature_set.empty() && config.data.features_file.empty()) {
        timed(report, "features", [&] {
            return fetch(config, network, config.data.version + "/features.json", round.number,
                         report);
        });
    }
    timed(report, "predict",
          [&] { predict_tasks(config, data.path, tasks, kTransferBytes, report, stop); });
    timed(report, "submit",
          [&] { submit_tasks(config, network, tasks, ids, round.number, report); });
}

void predict(const Config& config, RunReport& report, const util::StopSignal& stop) {
    std::vector<PredictionTask> tasks = {
        {.name = config.predict.model.filename().string(),
         .model = config.predict.model,
         .features = {},
         .output = {.path = config.predict.output,
                    .prediction_column = config.predict.prediction_column,
                    .transform = to_output(effective_transform(config, Command::predict)),
                    .result = config.dry_run ? output::Result::discarded : output::Result::kept}}};
    timed(report, "predict",
          [&] { predict_tasks(config, config.predict.data, tasks, 0, report, stop); });
}

void download(const Config& config, RunReport& report, const util::StopSignal& stop) {
    Network network(config, stop);
    const auto file = timed(report, "acquire", [&] {
        return fetch(config, network, config.download.file, std::nullopt, report);
    });
    spdlog::info("{}: {} {}", file.path.string(), util::format_byte_size(file.total_bytes),
                 file.reused ? "was current already" : "downloaded");
}

void submit(const Config& config, RunReport& report, const util::StopSignal& stop) {
    Network network(config, stop);
    const PredictionTask task{.name = config.submit.model_name,
                              .model = {},
                              .features = {},
                              .output = {.path = config.submit.predictions}};
    timed(report, "submit", [&] {
        report.submissions.push_back(
            submit_task(config, network, task, config.numerai.model_id, std::nullopt));
    });
}

}  // namespace commands
}  // namespace erawise
