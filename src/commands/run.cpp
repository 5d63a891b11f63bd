#include "commands/commands.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "acquire/round_wait.h"
#include "commands/account.h"
#include "commands/fetch.h"
#include "commands/network.h"
#include "commands/prediction_run.h"
#include "commands/submission_run.h"
#include "commands/submission_tasks.h"
#include "commands/timed.h"
#include "submit/submission_check.h"
#include "util/error.h"
#include "util/severity.h"

namespace erawise {
namespace {

constexpr std::uint64_t kTransferBytes =
    transport::kHttpMemoryBytes + submit::kSubmissionCheckBytes;

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
                                        .late = config.schedule.late,
                                        .file = file,
                                        .freshness = config.data.freshness});
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

void commands::run(const Config& config, RunReport& report, const util::StopSignal& stop) {
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
        if (const auto of_a_model = worst_error(tasks)) {
            util::keep_worst(worst, *of_a_model);
        }
    }
    if (worst) {
        throw *worst;
    }
}

}  // namespace erawise
