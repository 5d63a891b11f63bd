#include "commands/submission_tasks.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <system_error>

#include "infer/formats/model_signature.h"
#include "util/error.h"

namespace erawise {
namespace {

namespace fs = std::filesystem;

util::Error usage_error(std::string message) {
    return {util::ErrorKind::usage, std::move(message)};
}

output::WriterOptions submission_file(const Config& config, const std::string& name) {
    return {.path = effective_output_directory(config) / (name + ".csv")};
}

PredictionTask configured_task(const Config& config, Command command,
                               const SubmissionConfig& submission) {
    PredictionTask task{.name = submission.model,
                        .models = {},
                        .blend = submission.blend,
                        .features = submission.features,
                        .transforms = effective_transform(config, command, submission)};
    for (const EnsembleMember& member : submission.ensemble) {
        task.models.push_back({config.models_directory / member.file, member.weight});
    }
    return task;
}

/// Whether a .txt in the models folder is not a LightGBM model but some other text, such as a note.
bool is_note(const fs::path& path) {
    if (path.extension() != ".txt") {
        return false;
    }
    std::ifstream stream(path, std::ios::binary);
    const std::string beginning = stream ? infer::read_beginning(stream) : std::string();
    if (!stream ||
        infer::recognise_model(beginning, beginning.size()) == infer::ModelFormat::lightgbm) {
        return false;
    }
    spdlog::warn("{} is passed over: no LightGBM model, whose first line is 'tree'", path.string());
    return true;
}

std::vector<fs::path> model_files(const fs::path& directory) {
    std::error_code status;
    std::vector<fs::path> files;
    std::string other;
    for (const auto& entry : fs::directory_iterator(directory, status)) {
        if (is_model_file(entry.path()) && entry.is_regular_file() && !is_note(entry.path())) {
            files.push_back(entry.path());
        } else {
            other = entry.path().filename().string();
        }
    }
    if (status) {
        throw usage_error(
            fmt::format("cannot look into the models folder {}: {}; mount it (-v "
                        "\"$PWD/models:/models:ro\") or set --models-directory",
                        directory.string(), status.message()));
    }
    if (files.empty()) {
        throw usage_error(fmt::format(
            "no model files (.ubj, .json, .xgb, .model, .deprecated, .txt, .lgb) in {}{}; save one "
            "with booster.save_model(\"NAME.ubj\") in XGBoost or booster.save_model(\"NAME.txt\") "
            "in LightGBM, where NAME is the name of your Numerai model (docs/PYTHON.md)",
            directory.string(),
            other.empty() ? "" : fmt::format(" (there is {}, which is none)", other)));
    }
    std::ranges::sort(files);
    return files;
}

std::vector<PredictionTask> tasks_of_directory(const Config& config) {
    std::map<std::string, fs::path> by_stem;
    std::vector<PredictionTask> tasks;
    for (const fs::path& file : model_files(config.models_directory)) {
        const std::string stem = file.stem().string();
        const auto [first, is_new] = by_stem.try_emplace(stem, file);
        if (!is_new) {
            throw usage_error(
                fmt::format("{} and {} are both for the Numerai model '{}'; remove one",
                            first->second.string(), file.string(), stem));
        }
        tasks.push_back({.name = stem,
                         .models = {{file}},
                         .transforms = effective_transform(config, Command::run),
                         .output = submission_file(config, stem)});
    }
    return tasks;
}

/// Error(usage) for "/N" without an index, and for an index that is not below N.
unsigned shard_index(const ScheduleConfig& schedule) {
    const Shard& shard = schedule.shard;
    const std::optional<unsigned> index = shard.index ? shard.index : schedule.completion_index;
    if (!index) {
        throw usage_error(fmt::format(
            "--shard /{0} takes its index from JOB_COMPLETION_INDEX, which is not set; write "
            "--shard I/{0} with I from 0 to {1}",
            shard.count, shard.count - 1));
    }
    if (*index >= shard.count) {
        throw usage_error(fmt::format(
            "JOB_COMPLETION_INDEX is {}, but --shard /{} has the indices 0 to {}; give the job as "
            "many completions as there are shards",
            *index, shard.count, shard.count - 1));
    }
    return *index;
}

void keep_shard(std::vector<PredictionTask>& tasks, const ScheduleConfig& schedule) {
    if (schedule.shard.count == 1) {
        return;
    }
    const unsigned index = shard_index(schedule);
    std::ranges::sort(tasks, {}, &PredictionTask::name);
    std::vector<PredictionTask> kept;
    for (std::size_t i = index; i < tasks.size(); i += schedule.shard.count) {
        kept.push_back(std::move(tasks[i]));
    }
    spdlog::info("shard {}/{}: {} of {} models", index, schedule.shard.count, kept.size(),
                 tasks.size());
    tasks = std::move(kept);
}

}  // namespace

bool is_model_file(const fs::path& path) {
    constexpr std::array kExtensions = {".ubj",        ".json", ".xgb", ".model",
                                        ".deprecated", ".txt",  ".lgb"};
    const bool is_hidden = path.filename().string().starts_with('.');  // macOS: "._alpha.ubj"
    return !is_hidden && std::ranges::contains(kExtensions, path.extension());
}

std::vector<PredictionTask> configured_tasks(const Config& config) {
    std::vector<PredictionTask> tasks;
    for (const SubmissionConfig& submission : config.submissions) {
        tasks.push_back(configured_task(config, Command::run, submission));
        tasks.back().output = submission_file(config, submission.model);
    }
    return tasks;
}

PredictionTask prediction_task(const Config& config, Command command) {
    if (config.predict.submission.empty()) {
        return {.name = config.predict.model.filename().string(),
                .models = {{config.predict.model}},
                .transforms = effective_transform(config, command)};
    }
    const auto found =
        std::ranges::find(config.submissions, config.predict.submission, &SubmissionConfig::model);
    if (found == config.submissions.end()) {
        std::string known;
        for (const SubmissionConfig& submission : config.submissions) {
            known += fmt::format("{}'{}'", known.empty() ? "" : ", ", submission.model);
        }
        throw usage_error(fmt::format(
            "--submission '{}': {}", config.predict.submission,
            known.empty()
                ? "there are no submissions; --config names the file that has them"
                : fmt::format("the submissions of {} are {}", config.config_file.string(), known)));
    }
    return configured_task(config, command, *found);
}

std::vector<PredictionTask> submission_tasks(const Config& config) {
    std::vector<PredictionTask> tasks =
        config.submissions.empty() ? tasks_of_directory(config) : configured_tasks(config);
    if (!config.numerai.model_id.empty() && tasks.size() != 1) {
        throw usage_error(fmt::format(
            "MODEL_ID names one Numerai model, but there are {} to submit; leave it out, and name "
            "the model files after your Numerai models",
            tasks.size()));
    }
    keep_shard(tasks, config.schedule);
    return tasks;
}

}  // namespace erawise
