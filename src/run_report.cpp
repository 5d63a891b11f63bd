#include "run_report.h"

#include <nlohmann/json.hpp>

#include "util/atomic_file.h"

namespace erawise {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json number_or_null(std::optional<std::uint64_t> number) {
    return number ? Json(*number) : Json(nullptr);
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

}  // namespace

std::string to_json(const RunReport& report) {
    Json submissions = Json::array();
    for (const SubmissionReport& submission : report.submissions) {
        submissions.push_back(submission_to_json(submission));
    }
    const Json object = {{"command", report.command},
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
                         {"cgroup_peak_bytes", number_or_null(report.cgroup_peak_bytes)},
                         {"memory_limit_bytes", number_or_null(report.memory_limit_bytes)},
                         {"memory_limit_source", text_or_null(report.memory_limit_source)},
                         {"memory_plan", object_of(report.memory_plan)},
                         {"submissions", std::move(submissions)}};
    return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_report(const RunReport& report, const std::filesystem::path& path) {
    util::write_atomically(path, to_json(report));
}

}  // namespace erawise
