#include "report/metrics.h"

#include <gmock/gmock.h>

#include <regex>
#include <set>
#include <sstream>

#include "support/app_test_support.h"

namespace erawise {
namespace {

using testing::HasSubstr;
using testing::Not;

RunReport filled_report() {
    RunReport report;
    report.command = "run";
    report.version = "0.1.0";
    report.engine = "bitsliced";
    report.kernel = "AVX2";
    report.started_unix_seconds = 1774612801;
    report.wall_seconds = 1.5;
    report.rows = 6720;
    report.stages = {{"acquire", 0.25}, {"predict", 0.5}, {"acquire", 0.5}};
    report.peak_rss_bytes = 41U << 20;
    report.cgroup_peak_bytes = 50U << 20;
    report.memory_limit_bytes = 64U << 20;
    report.memory_plan = {{"era batches", 6U << 20}};
    report.submissions = {{"alpha", 812, "id-1", "accepted", "00ff", ""},
                          {"be\"ta\\\n", 812, "", "failed", "", "no such model"}};
    return report;
}

TEST(Metrics, HaveTheirValues) {
    const std::string text = to_metrics(filled_report());
    for (const auto* const line :
         {"erawise_run_info{command=\"run\",version=\"0.1.0\",engine=\"bitsliced\",kernel=\"AVX2\"}"
          " "
          "1\n",
          "erawise_run_start_timestamp_seconds 1774612801\n", "erawise_run_duration_seconds 1.5\n",
          "erawise_rows 6720\n", "erawise_stage_duration_seconds{stage=\"acquire\"} 0.75\n",
          "erawise_memory_peak_rss_bytes 42991616\n",
          "erawise_memory_plan_bytes{entry=\"era batches\"} 6291456\n",
          "erawise_submission_success{model=\"alpha\",status=\"accepted\"} 1\n",
          "erawise_submission_success{model=\"be\\\"ta\\\\?\",status=\"failed\"} 0\n",
          "erawise_submission_round{model=\"alpha\"} 812\n"}) {
        EXPECT_THAT(text, HasSubstr(line));
    }
}

/// The grammar of the format, and: each metric is announced once, with its samples behind it.
TEST(Metrics, KeepToTheFormat) {
    const std::regex help(R"(# HELP (erawise_[a-z_]+) .+)");
    const std::regex type(R"(# TYPE (erawise_[a-z_]+) gauge)");
    const std::regex sample(
        R"re((erawise_[a-z_]+)(\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\})? [-+.e0-9]+)re");
    for (const RunReport& report : {RunReport(), filled_report()}) {
        std::istringstream lines(to_metrics(report));
        std::set<std::string> announced;
        std::set<std::string> samples;
        std::string current;
        for (std::string line; std::getline(lines, line);) {
            std::smatch match;
            if (std::regex_match(line, match, help)) {
                current = match[1];
                EXPECT_TRUE(announced.insert(current).second) << line;
            } else if (std::regex_match(line, match, type) ||
                       std::regex_match(line, match, sample)) {
                EXPECT_EQ(match[1], current) << line;
                EXPECT_TRUE(samples.insert(line.substr(0, line.rfind(' '))).second) << line;
            } else {
                ADD_FAILURE() << line;
            }
        }
    }
}

TEST(Metrics, WhatIsNotKnownIsLeftOut) {
    const std::string text = to_metrics(RunReport());
    for (const auto* const name : {"limit", "cgroup", "submission", "stage", "plan"}) {
        EXPECT_THAT(text, Not(HasSubstr(name)));
    }
}

TEST(Metrics, EachIsDocumented) {
    const std::string document = repository_file("docs/METRICS.md");
    std::istringstream lines(to_metrics(filled_report()));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# TYPE ")) {
            const std::string name = line.substr(7, line.rfind(' ') - 7);
            EXPECT_THAT(document, HasSubstr("| `" + name + "` |"));
        }
    }
}

}  // namespace
}  // namespace erawise
