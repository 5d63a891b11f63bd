#include "report/run_report.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "support/app_test_support.h"

namespace erawise {
namespace {

RunReport filled_report() {
    RunReport report;
    report.command = "run";
    report.version = "0.1.0";
    report.started_at = "2026-03-27T12:00:01Z";
    report.rows = 6720;
    report.eras = 1;
    report.features_used = 310;
    report.engine = "xgboost";
    report.kernel = "in-place";
    report.wall_seconds = 1.5;
    report.stages = {{"write", 0.25}, {"decode", 0.5}};
    report.bytes_downloaded = 9540000;
    report.peak_rss_bytes = 41U << 20;
    report.memory_limit_bytes = 64U << 20;
    report.memory_limit_source = "--memory-limit";
    report.memory_plan = {{"base", 10U << 20}, {"batches", 6U << 20}};
    report.submissions = {{"alpha", 812, "id-1", "accepted", "00ff", ""},
                          {"beta", 812, "", "failed", "", "no such model"}};
    return report;
}

TEST(RunReport, KeepsTheOrderOfStagesAndPlan) {
    const std::string text = to_json(filled_report());
    EXPECT_LT(text.find("\"write\""), text.find("\"decode\""));
    EXPECT_LT(text.find("\"base\""), text.find("\"batches\""));
}

TEST(RunReport, KeysComeInOneOrderWhateverIsKnown) {
    const auto keys_of = [](const RunReport& report) {
        std::vector<std::string> keys;
        const auto object = nlohmann::ordered_json::parse(to_json(report));
        for (const auto& [key, value] : object.items()) {
            keys.push_back(key);
        }
        return keys;
    };
    EXPECT_EQ(keys_of(RunReport()), keys_of(filled_report()));
    EXPECT_EQ(keys_of(RunReport()).front(), "command");
    EXPECT_EQ(keys_of(RunReport()).size(), 22U);
}

TEST(RunReport, WhatIsNotKnownIsNull) {
    const auto object = nlohmann::json::parse(to_json(RunReport()));
    for (const auto* const key : {"error", "engine", "kernel", "cgroup_peak_bytes",
                                  "memory_limit_bytes", "memory_limit_source"}) {
        EXPECT_TRUE(object.at(key).is_null()) << key;
    }
    EXPECT_EQ(object.at("stages"), nlohmann::json::object());
    EXPECT_EQ(object.at("submissions"), nlohmann::json::array());
}

TEST(RunReport, NamesEachSubmissionWithItsError) {
    const auto submissions = nlohmann::json::parse(to_json(filled_report())).at("submissions");
    ASSERT_EQ(submissions.size(), 2U);
    EXPECT_EQ(submissions[0].at("id"), "id-1");
    EXPECT_TRUE(submissions[0].at("error").is_null());
    EXPECT_TRUE(submissions[1].at("id").is_null());
    EXPECT_EQ(submissions[1].at("error"), "no such model");
}

TEST(RunReport, DiagnosticsHaveAllTheirKeysAndNullForWhatIsNotThere) {
    RunReport report;
    EXPECT_TRUE(nlohmann::json::parse(to_json(report)).at("diagnostics").is_null());
    report.diagnostics = {.model = "alpha",
                          .id = "d-1",
                          .status = "done",
                          .message = "",
                          .sha256 = "00ff",
                          .eras_accepted = 2,
                          .trained_on_validation = false,
                          .summary = {{"corr_mean", 0.25}, {"mmc_mean", std::nullopt}},
                          .era_columns = {"corr", "mmc"},
                          .eras = {{"0575", {0.5, std::nullopt}}}};
    EXPECT_EQ(nlohmann::json::parse(to_json(report)).at("diagnostics"),
              nlohmann::json::parse(R"({"model":"alpha","id":"d-1","status":"done","message":null,
                  "sha256":"00ff","eras_accepted":2,"trained_on_validation":false,
                  "summary":{"corr_mean":0.25,"mmc_mean":null},
                  "eras":[{"era":"0575","corr":0.5,"mmc":null}]})"));
}

TEST(RunReport, TextThatIsNoUtf8DoesNotBreakIt) {
    RunReport report;
    report.error = "bad header '\xff'";
    EXPECT_TRUE(nlohmann::json::accept(to_json(report)));
}

TEST(RunReport, IsWrittenWholeUnderItsName) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("erawise-report-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    write_report(filled_report(), folder / "report.json");
    std::ifstream file(folder / "report.json");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto files = std::distance(std::filesystem::directory_iterator(folder), {});
    std::filesystem::remove_all(folder);
    EXPECT_EQ(text, to_json(filled_report()));
    EXPECT_EQ(files, 1);
}

TEST(RunReport, AMissingFolderIsADiskError) {
    try {
        write_report(RunReport(), "/nonexistent/report.json");
        FAIL() << "expected an error";
    } catch (const util::Error& error) {
        EXPECT_EQ(error.kind(), util::ErrorKind::disk);
    }
}

TEST(RunReport, EveryKeyIsDocumented) {
    const std::string document = repository_file("docs/REPORT.md");
    const auto object = nlohmann::json::parse(to_json(filled_report()));
    for (const auto& [key, value] : object.items()) {
        EXPECT_THAT(document, testing::HasSubstr("| `" + key + "` |"));
    }
    for (const auto& [key, value] : object.at("submissions").at(0).items()) {
        EXPECT_THAT(document, testing::HasSubstr("| `submissions[]." + key + "` |"));
    }
}

}  // namespace
}  // namespace erawise
