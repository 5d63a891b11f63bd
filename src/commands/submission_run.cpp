#include "commands/submission_run.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "submit/submission_check.h"
#include "util/duration.h"
#include "util/severity.h"

namespace erawise {
namespace {

/// Pause between two tries to take the lock.
constexpr std::chrono::milliseconds kLockPause{250};

std::filesystem::path receipts_folder(const Config& config) {
    return effective_output_directory(config) / "receipts";
}

void note_failed(PredictionTask& task, const util::Error& error, std::size_t tasks,
                 const acquire::OpenRound& open, RunReport& report) {
    if (tasks > 1) {
        spdlog::error("{}: {}", task.name, error.what());
    }
    task.error = error;
    report.submissions.push_back({task.name, open.round.number, "", "failed", "", error.what()});
}

[[noreturn]] void throw_still_locked(const std::filesystem::path& file,
                                     std::chrono::milliseconds waited, std::string_view limit) {
    throw util::Error(
        util::ErrorKind::network,
        fmt::format(
            "another process submits with {} ({}), and still did after {} ({}); nothing was "
            "sent: if it hangs, end it and run again, or give this run a folder of its own "
            "(--output-directory)",
            file.parent_path().string(), util::LockFile::holder_of(file),
            util::spoken_duration(waited), limit));
}

}  // namespace

util::LockFile lock_submissions(const Config& config, Network& network,
                                const std::optional<util::Clock::TimePoint>& closes) {
    const auto file = effective_output_directory(config) / ".erawise.lock";
    const auto start = network.clock.now();
    const auto end = closes ? *closes - network.api.clock_offset() : start + config.retry.budget;
    for (bool told = false;; told = true) {
        if (auto lock = util::LockFile::try_take(file)) {
            return *std::move(lock);
        }
        if (network.clock.now() >= end) {
            throw_still_locked(file, network.clock.now() - start,
                               closes ? "the round's close" : "retry.budget_seconds");
        }
        if (!told) {
            spdlog::info(
                "another process submits with {} ({}): waiting for its end, {} at the longest",
                file.parent_path().string(), util::LockFile::holder_of(file),
                util::spoken_duration(end - start));
        }
        network.clock.sleep_for(kLockPause);
    }
}

submit::SubmitOptions submit_options(const Config& config, const std::string& model,
                                     const std::filesystem::path& predictions) {
    submit::SubmitOptions options;
    options.predictions = predictions;
    options.model_name = model;
    options.model_id = config.numerai.model_id;
    options.trigger_id = config.numerai.trigger_id;
    options.compute_id = config.numerai.compute_id;
    options.receipts = receipts_folder(config);
    options.repeat = config.force ? submit::Repeat::force : submit::Repeat::skip;
    return options;
}

SubmissionReport submit_one(const Config& config, Network& network,
                            const submit::SubmitOptions& options) {
    if (config.dry_run) {
        const submit::CheckedSubmission checked =
            submit::check_submission(options.predictions, options.ids);
        spdlog::info("{}: {} rows are ready in {}; nothing is sent (--dry-run)", options.model_name,
                     checked.rows, options.predictions.string());
        return {options.model_name, options.round, "", "skipped", "", ""};
    }
    const submit::SubmissionResult result = submit::submit_predictions(
        network.api, network.http, network.retrier, network.random, options);
    const bool unchanged = result.outcome == submit::Outcome::unchanged;
    return {options.model_name,   result.round,
            result.submission_id, unchanged ? "unchanged" : "accepted",
            result.sha256,        ""};
}

SubmissionReport submit_to(const acquire::OpenRound& open, const Config& config, Network& network,
                           submit::SubmitOptions options) {
    options.round = open.round.number;
    SubmissionReport submission = submit_one(config, network, options);
    if (submission.status == "accepted" && open.late == transport::Late::refuse &&
        !open.round.is_open_at(network.api.server_now())) {
        spdlog::warn("{}: round {} closed while its submission {} was made: it may count as late",
                     submission.model, open.round.number, submission.id);
    }
    return submission;
}

void submit_tasks(const Config& config, Network& network, std::vector<PredictionTask>& tasks,
                  const ModelIds& models, const acquire::OpenRound& open, const util::IdSet& ids,
                  RunReport& report) {
    if (!config.dry_run) {
        acquire::confirm_round(network.api, open);
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        PredictionTask& task = tasks[i];
        try {
            if (task.error) {
                throw *task.error;
            }
            acquire::require_time_left(open, network.api.server_now());
            submit::SubmitOptions options = submit_options(config, task.name, task.output->path);
            options.model_id = models[i];
            options.ids = ids;
            report.submissions.push_back(submit_to(open, config, network, std::move(options)));
        } catch (const util::Error& error) {
            if (error.kind() == util::ErrorKind::cancelled) {
                throw;
            }
            note_failed(task, error, tasks.size(), open, report);
        } catch (const std::exception& error) {  // the other models go on
            note_failed(task,
                        util::Error(util::ErrorKind::bug, fmt::format("unexpected: {}; please "
                                                                      "report this",
                                                                      error.what())),
                        tasks.size(), open, report);
        }
    }
}

std::optional<util::Error> worst_error(const std::vector<PredictionTask>& tasks) {
    std::optional<util::Error> worst;
    for (const PredictionTask& task : tasks) {
        if (task.error) {
            util::keep_worst(worst, *task.error);
        }
    }
    return worst;
}

void report_unsent(const std::vector<PredictionTask>& tasks, const util::Error& error,
                   RunReport& report) {
    for (const PredictionTask& task : tasks) {
        if (std::ranges::contains(report.submissions, task.name, &SubmissionReport::model)) {
            continue;
        }
        report.submissions.push_back({task.name, 0, "", task.error ? "failed" : "skipped", "",
                                      task.error ? task.error->what() : error.what()});
    }
}

}  // namespace erawise
