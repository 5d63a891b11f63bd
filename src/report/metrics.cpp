#include "report/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "util/atomic_file.h"
#include "util/printable.h"

namespace erawise {
namespace {

/// A label's value: backslash, quote and line break are escaped, as the format says.
std::string escaped(std::string_view text) {
    std::string value;
    for (const char c : util::printable(text, util::LineBreaks::replace)) {
        if (c == '\\' || c == '"') {
            value += '\\';
        }
        value += c;
    }
    return value;
}

/// `{model="alpha"}`; nothing for no labels.
using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
std::string label_text(const Labels& labels) {
    std::string text;
    for (const auto& [name, value] : labels) {
        text += fmt::format("{}{}=\"{}\"", text.empty() ? "{" : ",", name, escaped(value));
    }
    return text.empty() ? text : text + "}";
}

/// The lines of the file. A metric is named once, before its samples.
class Page {
  public:
    void metric(std::string_view name, std::string_view help) {
        name_ = name;
        text_ += fmt::format("# HELP erawise_{0} {1}\n# TYPE erawise_{0} gauge\n", name, help);
    }
    template <typename Number>
    void sample(Number value, const Labels& labels = {}) {
        text_ += fmt::format("erawise_{}{} {}\n", name_, label_text(labels), value);
    }
    template <typename Number>
    void metric(std::string_view name, std::string_view help, Number value) {
        metric(name, help);
        sample(value);
    }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string_view name_;
    std::string text_;
};

void add_run(Page& page, const RunReport& report) {
    page.metric("run_info", "The last run: command, version, engine and its kernel; always 1.");
    page.sample(1, {{"command", report.command},
                    {"version", report.version},
                    {"engine", report.engine},
                    {"kernel", report.kernel}});
    page.metric("run_exit_code", "Exit code; 0 is success.", report.exit_code);
    page.metric("run_success", "1 when the run ended with exit code 0, else 0.",
                report.exit_code == 0 ? 1 : 0);
    page.metric("run_start_timestamp_seconds", "Start, in seconds since 1970-01-01 UTC.",
                report.started_unix_seconds);
    page.metric("run_duration_seconds", "Wall time from the start to this file.",
                report.wall_seconds);
    page.metric("rows", "Rows that were predicted.", report.rows);
    page.metric("eras", "Eras that were predicted.", report.eras);
    page.metric("features", "Features that the models use.", report.features_used);
    page.metric("downloaded_bytes", "Bytes received for data files.", report.bytes_downloaded);
}

void add_stages(Page& page, const RunReport& report) {
    if (report.stages.empty()) {
        return;
    }
    page.metric("stage_duration_seconds", "Wall time of a stage; stages overlap.");
    RunReport::Named<double> sums;  // a name may be there twice; a sample may not
    for (const auto& [stage, seconds] : report.stages) {
        const auto found = std::ranges::find(sums, stage, &std::pair<std::string, double>::first);
        found != sums.end() ? void(found->second += seconds)
                            : void(sums.emplace_back(stage, seconds));
    }
    for (const auto& [stage, seconds] : sums) {
        page.sample(seconds, {{"stage", stage}});
    }
}

void add_memory(Page& page, const RunReport& report) {
    page.metric("memory_peak_rss_bytes", "Largest resident set of the process.",
                report.peak_rss_bytes);
    if (report.cgroup_peak_bytes) {
        page.metric("memory_cgroup_peak_bytes", "The control group's peak, page cache included.",
                    *report.cgroup_peak_bytes);
    }
    if (report.memory_limit_bytes) {
        page.metric("memory_limit_bytes", "The cap that the plan was made for.",
                    *report.memory_limit_bytes);
    }
    if (!report.memory_plan.empty()) {
        page.metric("memory_plan_bytes", "What the plan sets aside, by entry.");
        for (const auto& [entry, bytes] : report.memory_plan) {
            page.sample(bytes, {{"entry", entry}});
        }
    }
}

void add_submissions(Page& page, const RunReport& report) {
    if (report.submissions.empty()) {
        return;
    }
    page.metric(
        "submission_success",
        "1 when Numerai has the model's submission (status accepted or unchanged), else 0.");
    for (const SubmissionReport& submission : report.submissions) {
        page.sample(submission.is_sent() ? 1 : 0,
                    {{"model", submission.model}, {"status", submission.status}});
    }
    page.metric("submission_round", "The round that a model was submitted to; 0: not known.");
    for (const SubmissionReport& submission : report.submissions) {
        page.sample(submission.round, {{"model", submission.model}});
    }
}

}  // namespace

std::string to_metrics(const RunReport& report) {
    Page page;
    add_run(page, report);
    add_stages(page, report);
    add_memory(page, report);
    add_submissions(page, report);
    return page.text();
}

void write_metrics(const RunReport& report, const std::filesystem::path& path) {
    util::write_atomically(path, to_metrics(report));
}

}  // namespace erawise
