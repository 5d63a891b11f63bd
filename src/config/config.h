#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acquire/round_data.h"
#include "infer/engines/engine_choice.h"
#include "output/prediction_writer.h"
#include "output/transform.h"
#include "transport/round.h"
#include "util/log.h"
#include "util/memory_cap.h"
#include "util/secret.h"

namespace erawise {

enum class Command { run, predict, backtest, score, download, submit, inspect, doctor, diagnose };

/// "run", "predict", ...
std::string_view name_of(Command command) noexcept;

enum class ScoreFormat : std::uint8_t { table, csv, json };
enum class Progress : std::uint8_t { automatic, always, never };

struct DataConfig {
    std::string version = "v5.3";
    std::string file = "live.parquet";  ///< name within the version
    std::filesystem::path directory = "/data";
    std::string data_type;                ///< only rows of this kind; empty: all
    std::optional<float> null_value;      ///< for missing features; empty: they stay missing
    std::string feature_set;              ///< of models without names; empty: as the data has them
    std::filesystem::path features_file;  ///< empty: features.json beside the data
    acquire::Freshness freshness = acquire::Freshness::strict;
};

struct RetryConfig {
    std::chrono::milliseconds initial = std::chrono::seconds(1);
    std::chrono::milliseconds maximum = std::chrono::minutes(1);
    std::chrono::milliseconds budget = std::chrono::minutes(30);
};

/// A part of the models: sorted by name, those at index, index + count, index + 2 count, ...
struct Shard {
    std::optional<unsigned> index;  ///< below count; empty: ScheduleConfig::completion_index
    unsigned count = 1;             ///< 1: all models
};

struct ScheduleConfig {
    Shard shard;
    std::optional<unsigned> completion_index;           ///< JOB_COMPLETION_INDEX of Kubernetes
    std::chrono::seconds wait = std::chrono::hours(2);  ///< for a round to open; 0: look once
    transport::Late late = transport::Late::refuse;
};

struct LogConfig {
    std::string level = "info";
    util::LogFormat format = util::LogFormat::text;
};

/// What is known of the account and of the call that started this run; from the environment alone.
struct NumeraiConfig {
    std::string model_id;    ///< MODEL_ID; empty when not set
    std::string trigger_id;  ///< TRIGGER_ID; empty when not set
    std::string compute_id;  ///< NUMERAI_COMPUTE_ID; empty when not set
    util::Secret public_id;  ///< filled for the commands that sign in
    util::Secret secret_key;
};

/// A member of a submission's ensemble.
struct EnsembleMember {
    std::filesystem::path file;  ///< relative to models_directory
    double weight = 1;
};

/// A configured submission. Without any, `run` takes every model file in models_directory.
struct SubmissionConfig {
    std::string model;  ///< Numerai's name of the model
    std::vector<EnsembleMember> ensemble;
    output::Blend blend = output::Blend::rank;  ///< of an ensemble of several
    std::vector<std::string> features = {};     ///< for models without names; empty: as the data
    std::optional<output::Transforms> transform = {};  ///< empty: as the rest of the run
};

/// Of `predict` and of `backtest`.
struct PredictConfig {
    std::filesystem::path data;
    std::filesystem::path model;  ///< or:
    std::string submission;       ///< the configured one for this Numerai model
    std::filesystem::path output = "predictions.csv";  ///< "-": standard output
    std::string prediction_column = "prediction";
    bool all_trees = false;  ///< also the trees after best_iteration
    output::NonFinite non_finite = output::NonFinite::refused;
};

/// Of `score` and of `backtest`.
struct ScoreConfig {
    std::filesystem::path predictions;  ///< of `score`
    std::filesystem::path data;         ///< of `score`
    std::filesystem::path output;       ///< of `backtest`: where predictions go; empty: nowhere
    std::string target = "target";
    std::string prediction_column;     ///< of `score`; empty: the only one with numbers
    std::filesystem::path meta_model;  ///< empty: no MMC
    std::string meta_model_column;     ///< empty: the only one with numbers
    std::string fnc_set;               ///< feature set of FNC; empty: no FNC
    ScoreFormat format = ScoreFormat::table;
};

struct DownloadConfig {
    std::string file;  ///< Numerai's name with the version, "v5.3/live.parquet"
};

struct SubmitConfig {
    std::filesystem::path predictions;
    std::string model_name;
    std::filesystem::path data;  ///< live data with the ids; empty: what `run` downloaded
};

struct DiagnoseConfig {
    std::filesystem::path predictions;
    std::string model_name;
    std::chrono::seconds wait = std::chrono::minutes(30);  ///< for the result; 0: look once
};

struct InspectConfig {
    std::filesystem::path data;   ///< empty when not asked for
    std::filesystem::path model;  ///< empty when not asked for
};

/// Everything a user can set, merged: defaults < file < environment < flags.
///
/// A plain value. Stages do not see it: each has its own small options. Where a setting is a choice
/// that a stage offers, its type is the stage's. The table in config/table.cpp says how every
/// member is named, parsed and shown.
struct Config {
    Config();

    DataConfig data;
    std::filesystem::path models_directory = "/models";
    std::filesystem::path output_directory;  ///< empty: see effective_output_directory()
    std::filesystem::path work_directory;    ///< empty: the folder of the output
    std::string api_url = "https://api-tournament.numer.ai";
    std::optional<std::uint64_t> memory_limit_bytes;  ///< empty: 0.9 x the container's limit
    unsigned threads = 0;                             ///< 0: all available processors
    std::optional<output::Transforms> transform;      ///< empty: see effective_transform()
    infer::EngineChoice engine = infer::EngineChoice::automatic;
    bool self_check = false;    ///< compare the first rows with libxgboost
    std::string vector_target;  ///< ERAWISE_TARGET; empty: the best that the machine has
    std::vector<SubmissionConfig> submissions;
    RetryConfig retry;
    ScheduleConfig schedule;
    LogConfig log;
    Progress progress = Progress::automatic;
    std::filesystem::path report;       ///< empty: none is written
    std::filesystem::path report_html;  ///< empty: none is written
    std::filesystem::path metrics;      ///< empty: none are written
    std::filesystem::path config_file;
    bool dry_run = false;
    bool force = false;  ///< submits what is submitted already
    NumeraiConfig numerai;

    PredictConfig predict;
    ScoreConfig score;
    DownloadConfig download;
    SubmitConfig submit;
    InspectConfig inspect;
    DiagnoseConfig diagnose;

    /// Where each value comes from, by the option's name: "file erawise.json",
    /// "environment ERAWISE_THREADS", "flag --threads". Names that are missing have their default.
    std::map<std::string, std::string, std::less<>> origins;

    [[nodiscard]] std::string_view origin_of(std::string_view option_name) const;
};

/// What the command does to predictions when nothing was asked for: `run` ranks, others do not.
output::Transforms effective_transform(const Config& config, Command command);

/// The same for one configured submission of the command.
output::Transforms effective_transform(const Config& config, Command command,
                                       const SubmissionConfig& submission);

/// data.features_file, or features.json beside the data.
std::filesystem::path effective_features_file(const Config& config,
                                              const std::filesystem::path& data);

/// work_directory, or the folder of `output`; the present one for standard output.
std::filesystem::path effective_work_directory(const Config& config,
                                               const std::filesystem::path& output);

/// The smaller of memory_limit and the container's limit.
std::optional<util::MemoryCap> effective_memory_cap(const Config& config);

/// output_directory, or "output" in the data directory.
std::filesystem::path effective_output_directory(const Config& config);

}  // namespace erawise
