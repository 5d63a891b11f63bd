#include "report/run_report.h"

#include <nlohmann/json.hpp>

#include "util/atomic_file.h"

namespace erawise {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

template <typename Value>
Json value_or_null(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

template <typename Value>
Json object_of(const RunReport::Named<Value>& entries) {
    Json object = Json::object();
    for (const auto& [name, value] : entries) {
        object[name] = value;
    }
    return object;
}

Json submission_to_json(const SubmissionReport& submission) {
    return Json{{"model", submission.model},
                {"round", submission.round != 0 ? Json(submission.round) : Json(nullptr)},
                {"id", text_or_null(submission.id)},
                {"status", submission.status},
                {"sha256", text_or_null(submission.sha256)},
                {"error", text_or_null(submission.error)}};
}

Json summary_to_json(const ScoreReport& score, stats::ScoreKind kind) {
    const auto summary = stats::summarize(score.eras, kind);
    return summary ? Json{{"eras", summary->eras},
                          {"mean", summary->mean},
                          {"std", summary->standard_deviation},
                          {"sharpe", summary->sharpe},
                          {"max_drawdown", summary->max_drawdown}}
                   : Json(nullptr);
}

Json score_to_json(const ScoreReport& score) {
    Json eras = Json::array();
    for (const stats::EraScore& era : score.eras) {
        eras.push_back(Json{{"era", era.era},
                            {"rows", era.rows},
                            {"corr", value_or_null(era.corr)},
                            {"mmc", value_or_null(era.mmc)},
                            {"bmc", value_or_null(era.bmc)},
                            {"fnc", value_or_null(era.fnc)}});
    }
    return Json{{"name", score.name},
                {"target", score.target},
                {"meta_model_column",
                 score.contribution ? Json(score.contribution->column) : Json(nullptr)},
                {"corr", summary_to_json(score, stats::ScoreKind::corr)},
                {"mmc", summary_to_json(score, stats::ScoreKind::mmc)},
                {"bmc", summary_to_json(score, stats::ScoreKind::bmc)},
                {"fnc", summary_to_json(score, stats::ScoreKind::fnc)},
                {"eras", std::move(eras)}};
}

Json numbers_to_json(
    const std::vector<std::pair<std::string, DiagnosticsReport::Number>>& numbers) {
    Json object = Json::object();
    for (const auto& [name, number] : numbers) {
        object[name] = value_or_null(number);
    }
    return object;
}

Json era_to_json(const std::vector<std::string>& columns, const DiagnosticsReport::Era& era) {
    Json object = {{"era", era.era}};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        object[columns[i]] = value_or_null(era.numbers[i]);
    }
    return object;
}

Json diagnostics_to_json(const DiagnosticsReport& diagnostics) {
    Json eras = Json::array();
    for (const DiagnosticsReport::Era& era : diagnostics.eras) {
        eras.push_back(era_to_json(diagnostics.era_columns, era));
    }
    return Json{{"model", diagnostics.model},
                {"id", text_or_null(diagnostics.id)},
                {"status", text_or_null(diagnostics.status)},
                {"message", text_or_null(diagnostics.message)},
                {"sha256", text_or_null(diagnostics.sha256)},
                {"eras_accepted", value_or_null(diagnostics.eras_accepted)},
                {"trained_on_validation", value_or_null(diagnostics.trained_on_validation)},
                {"summary", numbers_to_json(diagnostics.summary)},
                {"eras", std::move(eras)}};
}

}  // namespace

std::string scores_to_json(const std::vector<ScoreReport>& reports) {
    Json scores = Json::array();
    for (const ScoreReport& report : reports) {
        scores.push_back(score_to_json(report));
    }
    return scores.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_json(const RunReport& report) {
    Json scores = Json::array();
    for (const ScoreReport& score : report.scores) {
        scores.push_back(score_to_json(score));
    }
    Json submissions = Json::array();
    for (const SubmissionReport& submission : report.submissions) {
        submissions.push_back(submission_to_json(submission));
    }
    const Json object = {
        {"command", report.command},
        {"version", report.version},
        {"started_at", report.started_at},
        {"exit_code", report.exit_code},
        {"error", text_or_null(report.error)},
        {"rows", report.rows},
        {"eras", report.eras},
        {"features_used", report.features_used},
        {"engine", text_or_null(report.engine)},
        {"kernel", text_or_null(report.kernel)},
        {"wall_seconds", report.wall_seconds},
        {"stages", object_of(report.stages)},
        {"bytes_downloaded", report.bytes_downloaded},
        {"bytes_spilled", report.bytes_spilled},
        {"peak_rss_bytes", report.peak_rss_bytes},
        {"cgroup_peak_bytes", value_or_null(report.cgroup_peak_bytes)},
        {"memory_limit_bytes", value_or_null(report.memory_limit_bytes)},
        {"memory_limit_source", text_or_null(report.memory_limit_source)},
        {"memory_plan", object_of(report.memory_plan)},
        {"submissions", std::move(submissions)},
        {"scores", std::move(scores)},
        {"diagnostics",
         report.diagnostics ? diagnostics_to_json(*report.diagnostics) : Json(nullptr)}};
    return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_report(const RunReport& report, const std::filesystem::path& path) {
    util::write_atomically(path, to_json(report));
}

}  // namespace erawise
