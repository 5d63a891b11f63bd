#include "report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "report/charts.h"
#include "report/style.h"
#include "report/text.h"
#include "util/atomic_file.h"
#include "util/byte_size.h"
#include "util/exit_code.h"

namespace erawise {
namespace {

using util::format_byte_size;

// C++26, which g++ has since version 15.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wc++26-extensions"
constexpr char kPageText[] = {
#embed "page.html"
};
#pragma GCC diagnostic pop
constexpr std::string_view kPage(kPageText, sizeof kPageText);

/// "Round 812: 3 of 4 models submitted".
std::string submissions_headline(const RunReport& report) {
    const auto all = report.submissions.size();
    const auto sent = static_cast<std::size_t>(
        std::ranges::count_if(report.submissions, &SubmissionReport::is_sent));
    const auto round = report.submissions.front().round;
    const std::string front = round != 0 ? fmt::format("Round {}: ", round) : std::string();
    if (sent == 0 && report.exit_code == 0) {
        return fmt::format("{}{} ready, nothing sent", front, counted(all, "model"));
    }
    return sent == all ? fmt::format("{}{} submitted", front, counted(all, "model"))
                       : fmt::format("{}{} of {} submitted", front, sent, counted(all, "model"));
}

/// "CORR 0.0213 over 574 eras".
std::string scores_headline(const RunReport& report) {
    const auto summary = report.scores.empty()
                             ? std::nullopt
                             : stats::summarize(report.scores.front().eras, stats::ScoreKind::corr);
    return summary ? fmt::format("CORR {} over {}", number_text(summary->mean),
                                 counted(summary->eras, "era"))
                   : std::string("No era has targets");
}

std::string headline(const RunReport& report) {
    if (!report.submissions.empty() &&
        (report.exit_code == 0 ||
         std::ranges::any_of(report.submissions, &SubmissionReport::is_sent))) {
        return submissions_headline(report);
    }
    if (report.exit_code != 0) {
        const std::string_view meaning = exit_code_meaning(report.exit_code);
        std::string text(meaning.substr(0, meaning.find(';')));
        text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
        return text;
    }
    if (report.command == "predict") {
        return fmt::format("{} predicted", counted(report.rows, "row"));
    }
    if (report.command == "backtest" || report.command == "score") {
        return scores_headline(report);
    }
    if (report.command == "download") {
        return fmt::format("{} downloaded", format_byte_size(report.bytes_downloaded));
    }
    return fmt::format("erawise {}: done", report.command);
}

/// "2026-03-27T12:00:01Z" as "2026-03-27, 12:00:01 UTC".
std::string readable_time(std::string time) {
    if (const auto t = time.find('T'); t != std::string::npos && time.ends_with('Z')) {
        time.replace(time.size() - 1, 1, " UTC");
        time.replace(t, 1, ", ");
    }
    return time;
}

std::string header(const RunReport& report) {
    return fmt::format(
        "<header>\n<p class='kicker'>erawise {}</p>\n<h1>{}</h1>\n<p class='soft'>{} · took {}"
        "</p>\n</header>\n",
        html_escape(report.command), html_escape(headline(report)),
        html_escape(readable_time(report.started_at)), duration_text(report.wall_seconds));
}

std::string trouble(const RunReport& report) {
    if (report.exit_code == 0) {
        return "";
    }
    return fmt::format(
        "<div class='trouble' role='alert'>\n<h2>Exit code {}: {}</h2>\n<p class='message'>{}</p>\n"
        "<p class='remedy'><strong>What to do.</strong> {}</p>\n</div>\n",
        report.exit_code, html_escape(exit_code_meaning(report.exit_code)),
        html_escape(report.error), html_escape(exit_code_remedy(report.exit_code)));
}

std::string tile(std::string_view name, const std::string& value, const std::string& more = "") {
    return fmt::format("<div class='tile'><dt>{}</dt><dd>{}</dd>{}</div>\n", name, value,
                       more.empty() ? more : fmt::format("<dd>{}</dd>", more));
}

std::string speed_of(const RunReport& report) {
    const auto predict =
        std::ranges::find(report.stages, "predict", [](const auto& stage) { return stage.first; });
    if (predict == report.stages.end() || predict->second <= 0) {
        return "";
    }
    return fmt::format("{} rows/s",
                       grouped(static_cast<std::uint64_t>(double(report.rows) / predict->second)));
}

std::string memory_tile(const RunReport& report) {
    const std::string peak = format_byte_size(report.peak_rss_bytes);
    if (!report.memory_limit_bytes) {
        return tile("Peak memory", peak, "no cap");
    }
    return tile("Peak memory", peak,
                fmt::format("{:.0f} % of {}",
                            100.0 * double(report.peak_rss_bytes) /
                                double(std::max<std::uint64_t>(1, *report.memory_limit_bytes)),
                            format_byte_size(*report.memory_limit_bytes)));
}

std::string tiles(const RunReport& report) {
    std::string text = "<dl class='tiles'>\n";
    text += memory_tile(report);
    if (report.rows > 0) {
        text += tile("Rows", grouped(report.rows), speed_of(report));
        text += tile("Eras", grouped(report.eras));
    }
    if (report.features_used > 0) {
        text += tile("Features used", grouped(report.features_used));
    }
    if (report.bytes_downloaded > 0) {
        text += tile("Downloaded", format_byte_size(report.bytes_downloaded));
    }
    return text + tile("Time", duration_text(report.wall_seconds)) + "</dl>\n";
}

std::string section(std::string_view title, std::string_view note, const std::string& content) {
    if (content.empty()) {
        return "";
    }
    const std::string text =
        note.empty() ? std::string() : fmt::format("<p class='note'>{}</p>\n", note);
    return fmt::format("<section>\n<h2>{}</h2>\n{}{}</section>\n", title, text, content);
}

std::string prediction_cards(const RunReport& report) {
    if (report.predictions.empty()) {
        return "";
    }
    std::string cards = "<div class='models'>\n";
    for (const auto& [model, values] : report.predictions) {
        cards += fmt::format(
            "<div>\n<h3>{}</h3>\n{}<p class='ends'><span>{}</span><span>mean {} ± {:.2g}"
            "</span><span>{}</span></p>\n{}</div>\n",
            html_escape(model), distribution_chart(values), number_text(values.minimum()),
            number_text(values.mean()), values.standard_deviation(), number_text(values.maximum()),
            values.not_finite() > 0 ? fmt::format("<p class='bad'>{} not a number</p>\n",
                                                  counted(values.not_finite(), "prediction"))
                                    : std::string());
    }
    return cards + "</div>\n";
}

/// "mean 0.0213 · std 0.0312 · Sharpe 0.68 · largest drawdown 0.11 · 574 eras"
std::string summary_line(const stats::ScoreSummary& summary) {
    return fmt::format(
        "mean <strong>{}</strong> · std {} · Sharpe <strong>{:.3g}</strong> · largest drawdown {} "
        "· {}",
        number_text(summary.mean), number_text(summary.standard_deviation), summary.sharpe,
        number_text(summary.max_drawdown), counted(summary.eras, "era"));
}

/// " against v5_lgbm_ender20", for what a model adds to another one.
std::string against(const ScoreReport& score, stats::ScoreKind kind) {
    const auto& contribution = score.contribution;
    return contribution && contribution->kind == kind
               ? " against " + html_escape(contribution->column)
               : std::string();
}

std::string score_cards(const RunReport& report) {
    std::string cards;
    for (const ScoreReport& score : report.scores) {
        for (const stats::ScoreKind kind : stats::kScoreKinds) {
            if (const auto summary = stats::summarize(score.eras, kind)) {
                cards += fmt::format(
                    "<div class='score'>\n<h3>{} of {} on {}{}</h3>\n<p class='soft'>{}</p>\n{}"
                    "</div>\n",
                    stats::name_of(kind), html_escape(score.name), html_escape(score.target),
                    against(score, kind), summary_line(*summary), score_chart(score, kind));
            }
        }
    }
    return cards;
}

/// `told`: the error that the page tells already.
std::string submission_item(const SubmissionReport& submission, const std::string& told) {
    const char* const mood = submission.is_sent()             ? "good"
                             : submission.status == "skipped" ? "soft"
                                                              : "bad";
    std::string item =
        fmt::format("<li><h3>{}</h3><span class='status {}'>{}</span>",
                    html_escape(submission.model), mood, html_escape(submission.status));
    if (!submission.id.empty()) {
        item += fmt::format("<code>id {}</code>", html_escape(submission.id));
    }
    if (!submission.sha256.empty()) {
        item += fmt::format("<code class='hash'>sha256 {}</code>", html_escape(submission.sha256));
    }
    if (!submission.error.empty() && submission.error != told) {
        item += fmt::format("<span class='why'>{}</span>", html_escape(submission.error));
    }
    return item + "</li>\n";
}

std::string submission_list(const RunReport& report) {
    std::string items;
    for (const SubmissionReport& submission : report.submissions) {
        items += submission_item(submission, report.error);
    }
    return items.empty() ? items : "<ul class='sent'>\n" + items + "</ul>\n";
}

/// "From 4,812 to 5,227 rows an era."
std::string era_note(const RunReport& report) {
    if (report.rows_by_era.empty()) {
        return "";
    }
    const auto rows = [](const auto& era) { return era.second; };
    const auto [fewest, most] = std::ranges::minmax(report.rows_by_era, {}, rows);
    return fewest.second == most.second
               ? fmt::format("{} each.", counted(most.second, "row"))
               : fmt::format("From {} to {}.", grouped(fewest.second), counted(most.second, "row"));
}

std::string plan_table(const RunReport& report) {
    std::uint64_t total = 0;
    std::uint64_t largest = 1;
    for (const auto& [name, bytes] : report.memory_plan) {
        total += bytes;
        largest = std::max(largest, bytes);
    }
    std::string rows;
    for (const auto& [name, bytes] : report.memory_plan) {
        rows += fmt::format(
            "<tr><td>{}</td><td><svg width='100%' height='8' aria-hidden='true'><rect "
            "class='busy' width='{:.1f}%' height='8' rx='3'/></svg></td><td>{}</td></tr>\n",
            html_escape(name), std::max(0.6, 100.0 * double(bytes) / double(largest)),
            format_byte_size(bytes));
    }
    return rows.empty() ? rows
                        : fmt::format(
                              "<table class='plan'>\n{}<tr><td><strong>total</strong></td>"
                              "<td></td><td><strong>{}</strong></td></tr>\n</table>\n",
                              rows, format_byte_size(total));
}

std::string footer(const RunReport& report) {
    std::string text =
        fmt::format("erawise {} · exit code {}", html_escape(report.version), report.exit_code);
    if (!report.engine.empty()) {
        text += fmt::format(" · engine {}", html_escape(report.engine));
    }
    if (!report.kernel.empty()) {
        text += fmt::format(" on {}", html_escape(report.kernel));
    }
    if (!report.memory_limit_source.empty()) {
        text += fmt::format(" · cap by {}", html_escape(report.memory_limit_source));
    }
    return fmt::format("<footer>{}</footer>\n", text);
}

std::string content(const RunReport& report) {
    return header(report) + trouble(report) + tiles(report) +
           section("Submissions", "", submission_list(report)) +
           section("Scores", "Summed up from era to era.", score_cards(report)) +
           section("Memory and stages",
                   "What was resident while the run went on, and which stage it was in.",
                   run_chart(report)) +
           section("Predictions", "What each model says, before ranks are taken.",
                   prediction_cards(report)) +
           section("Rows by era", era_note(report), era_chart(report)) +
           section("Memory plan", "What was set aside before the first row.", plan_table(report)) +
           footer(report);
}

}  // namespace

std::string to_html(const RunReport& report) {
    return fmt::format(kPage, fmt::arg("title", html_escape(headline(report))),
                       fmt::arg("style", report_style()), fmt::arg("content", content(report)));
}

void write_report_page(const RunReport& report, const std::filesystem::path& path) {
    util::write_atomically(path, to_html(report));
}

}  // namespace erawise
