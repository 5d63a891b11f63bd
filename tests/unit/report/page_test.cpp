#include "report/page.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "report/text.h"
#include "support/app_test_support.h"

namespace erawise {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A run whose clock and memory are made up: two stages, three samples.
RunReport submitted_run() {
    RunReport report;
    double seconds = 0;
    util::ResidentMemory memory{.now_bytes = 10U << 20, .peak_bytes = 10U << 20};
    report.timeline = RunTimeline([&] { return seconds; }, [&] { return memory; });
    report.timeline.watch_memory();
    const auto wait = report.timeline.begin("wait");
    seconds = 3600;
    report.timeline.end(wait);
    const auto predict = report.timeline.begin("predict");
    memory = {.now_bytes = 26U << 20, .peak_bytes = 26U << 20};
    seconds = 3601;
    report.timeline.end(predict);
    report.command = "run";
    report.version = "0.1.0";
    report.started_at = "2026-03-27T12:00:01Z";
    report.wall_seconds = 3601.5;
    report.stages = {{"wait", 3600}, {"decode", 0.5}, {"infer", 0.25}, {"predict", 1}};
    report.rows = 160'000;
    report.eras = 2;
    report.rows_by_era = {{"era1", 90'000}, {"era2", 70'000}};
    report.peak_rss_bytes = 26U << 20;
    report.memory_limit_bytes = 64U << 20;
    report.memory_limit_source = "flag --memory-limit";
    report.memory_plan = {{"program", 10U << 20}, {"era batches", 6U << 20}};
    util::Histogram values;
    values.add(std::vector<double>{0.25, 0.5, 0.5, 0.75});
    report.predictions = {{"alpha", values}};
    report.submissions = {{"alpha", 812, "id-1", "accepted", "00ff", ""}};
    return report;
}

RunReport refused_run() {
    RunReport report;
    report.command = "run";
    report.exit_code = 12;
    report.error = "the run needs 30 MiB, the cap is 16 MiB; a limit of 34 MiB would do";
    return report;
}

TEST(ReportPage, TellsWhatWasSubmitted) {
    const std::string page = to_html(submitted_run());
    for (const auto* const text :
         {"Round 812: 1 model submitted", "2026-03-27, 12:00:01 UTC", "160,000", "id id-1",
          "sha256 00ff", "accepted", "peak 26", "cap 64", "41 % of 64", "wait", "predict", "decode",
          "era1", "mean 0.5", "program"}) {
        EXPECT_THAT(page, HasSubstr(text));
    }
    EXPECT_THAT(page, Not(HasSubstr("What to do")));
}

TEST(ReportPage, TellsOfAFailureWhatToDo) {
    const std::string page = to_html(refused_run());
    EXPECT_THAT(page, HasSubstr("Exit code 12: memory"));
    EXPECT_THAT(page, HasSubstr("a limit of 34 MiB would do"));
    EXPECT_THAT(page, HasSubstr("What to do"));
}

TEST(ReportPage, AModelThatFailedDoesNotHideThoseThatWereSent) {
    RunReport report = submitted_run();
    report.exit_code = 4;
    report.error = "beta: no such feature";
    report.submissions.push_back({"beta", 812, "", "failed", "", "no such feature"});
    const std::string page = to_html(report);
    EXPECT_THAT(page, HasSubstr("Round 812: 1 of 2 models submitted"));
    EXPECT_THAT(page, HasSubstr("Exit code 4: model"));
}

TEST(ReportPage, ALongWaitIsDrawnShort) {
    const std::string page = to_html(submitted_run());
    EXPECT_THAT(page, HasSubstr("not to scale"));
    const std::regex predict("class='stage' x='([0-9.]+)%' y='[0-9.]+' width='([0-9.]+)%'");
    std::smatch match;
    ASSERT_TRUE(std::regex_search(page, match, predict));
    EXPECT_NEAR(std::stod(match[1]), 100.0 / 6, 1);
    EXPECT_NEAR(std::stod(match[2]), 100.0 * 5 / 6 / 1.5, 1);
}

/// Nothing in it runs, and nothing is asked for from elsewhere.
TEST(ReportPage, StandsAlone) {
    const std::string page = to_html(submitted_run());
    for (const auto* const text :
         {"<script", "http://", "https://", "url(", "src=", "@import", "<link", "javascript:"}) {
        EXPECT_THAT(page, Not(HasSubstr(text)));
    }
    EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
    EXPECT_LT(page.size(), 64U << 10);
}

TEST(ReportPage, WhatFilesAndServersSayIsOnlyText) {
    RunReport report = submitted_run();
    const std::string evil = "<script>alert('x')</script>\"&\x01\xff";
    report.error = evil;
    report.exit_code = 3;
    report.submissions.front().model = evil;
    report.submissions.front().id = evil;
    report.submissions.front().error = evil;
    report.predictions.front().model = evil;
    report.rows_by_era.front().first = evil;
    report.memory_plan.front().first = evil;
    report.memory_limit_source = evil;
    report.engine = evil;
    const std::string page = to_html(report);
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("alert('x')")));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
    EXPECT_THAT(page, Not(HasSubstr("\xff")));
}

TEST(ReportPage, IsWholeForEveryReport) {
    RunReport no_cap = submitted_run();
    no_cap.memory_limit_bytes.reset();
    RunReport high_cap = submitted_run();
    high_cap.memory_limit_bytes = std::uint64_t{8} << 30;
    RunReport dry = submitted_run();
    dry.submissions.front().status = "skipped";
    for (const RunReport& report : {RunReport(), refused_run(), no_cap, high_cap, dry}) {
        const std::string page = to_html(report);
        EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
        EXPECT_TRUE(page.ends_with("</html>\n"));
        EXPECT_THAT(page, Not(HasSubstr("nan")));
        EXPECT_THAT(page, Not(HasSubstr("inf%")));
    }
}

TEST(ReportPage, IsWrittenWholeUnderItsName) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("erawise-page-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    write_report_page(refused_run(), folder / "run.html");
    std::ifstream file(folder / "run.html");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    std::filesystem::remove_all(folder);
    EXPECT_EQ(text, to_html(refused_run()));
}

TEST(ReportText, NumbersAreForPeople) {
    EXPECT_EQ(grouped(7), "7");
    EXPECT_EQ(grouped(1'653'463), "1,653,463");
    EXPECT_EQ(duration_text(0.0031), "3 ms");
    EXPECT_EQ(duration_text(0.957), "0.96 s");
    EXPECT_EQ(duration_text(47.21), "47.2 s");
    EXPECT_EQ(duration_text(59.99), "1 min 0 s");
    EXPECT_EQ(duration_text(4321), "1 h 12 min");
    EXPECT_EQ(counted(1, "era"), "1 era");
    EXPECT_EQ(counted(1204, "era"), "1,204 eras");
    EXPECT_EQ(number_text(0.500312), "0.5003");
}

}  // namespace
}  // namespace erawise
