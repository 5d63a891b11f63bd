#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/diagnostics_report.h"
#include "report/timeline.h"
#include "stats/era_scores.h"
#include "util/histogram.h"

namespace erawise {

/// What became of one model's submission.
struct SubmissionReport {
    std::string model;       ///< Numerai's name of the model
    std::int64_t round = 0;  ///< 0 when the run ended before it knew the round
    std::string id;          ///< Numerai's id of the submission; empty when there is none
    std::string status;      ///< "accepted", "unchanged", "failed", "skipped"
    std::string sha256;      ///< of the file that was sent; empty when none was written
    std::string error;       ///< empty when nothing went wrong

    /// Numerai has it, from this run or an earlier one.
    [[nodiscard]] bool is_sent() const { return status == "accepted" || status == "unchanged"; }
};

/// How the values of one model are spread, before any transform.
struct PredictionReport {
    std::string model;
    util::Histogram distribution;
};

/// The scores of one task against one target.
struct ScoreReport {
    std::string name;    ///< of the submission, the model file, or the file of predictions
    std::string target;  ///< column of the data
    std::vector<stats::EraScore> eras;
    std::optional<stats::Contribution> contribution = std::nullopt;  ///< of MMC or BMC
};

/// The outcome of one command, as --report writes it. docs/REPORT.md describes every field.
struct RunReport {
    /// Pairs in the order in which they were measured or planned.
    template <typename Value>
    using Named = std::vector<std::pair<std::string, Value>>;

    std::string command;
    std::string version;
    std::string started_at;                 ///< UTC, ISO 8601
    std::int64_t started_unix_seconds = 0;  ///< the same, for metrics
    int exit_code = 0;
    std::string error;  ///< empty when the command succeeded
    std::uint64_t rows = 0;
    std::uint64_t eras = 0;
    std::uint64_t features_used = 0;
    std::string engine;
    std::string kernel;
    double wall_seconds = 0;
    Named<double>
        stages;  ///< seconds of wall time; stages overlap, so the sum may exceed the whole
    std::uint64_t bytes_downloaded = 0;
    std::uint64_t bytes_spilled = 0;  ///< decoded rows that passed through a temporary file
    std::uint64_t peak_rss_bytes = 0;
    std::optional<std::uint64_t> cgroup_peak_bytes;
    std::optional<std::uint64_t> memory_limit_bytes;
    std::string memory_limit_source;
    Named<std::uint64_t> memory_plan;  ///< bytes
    std::vector<SubmissionReport> submissions;
    std::vector<ScoreReport> scores;
    std::optional<DiagnosticsReport> diagnostics;  ///< of `diagnose` alone

    // For the page of the run alone (report_page.h).
    RunTimeline timeline;
    Named<std::uint64_t> rows_by_era;  ///< in the order of the data
    std::vector<PredictionReport> predictions;
};

/// One JSON object over several lines; the keys always in the same order, all of them present
/// (null where there is no value). Bytes that are no UTF-8 are replaced.
std::string to_json(const RunReport& report);

/// The value of its key "scores".
std::string scores_to_json(const std::vector<ScoreReport>& reports);

/// Writes to_json() to `path`, whole or not at all. Error(disk).
void write_report(const RunReport& report, const std::filesystem::path& path);

}  // namespace erawise
