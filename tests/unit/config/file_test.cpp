#include "config/file.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "config/json.h"
#include "config/options.h"
#include "config/values.h"
#include "support/app_test_support.h"

namespace erawise {
namespace {

constexpr std::string_view kBadConfigs = "tests/unit/config/bad_configs";

Config merged(std::string_view text) {
    Config config;
    ConfigProblems problems;
    merge_config_file(text, "test.json", config, problems);
    EXPECT_EQ(message_of(problems), "");
    return config;
}

std::vector<std::string> bad_configs() {
    std::vector<std::string> names;
    const auto folder = std::filesystem::path(ERAWISE_SOURCE_DIR) / kBadConfigs;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".json") {
            names.push_back(entry.path().stem());
        }
    }
    std::ranges::sort(names);
    return names;
}

class BadConfig : public testing::TestWithParam<std::string> {};

TEST_P(BadConfig, HasExactlyThisMessage) {
    const std::string stem = std::string(kBadConfigs) + "/" + GetParam();
    Config config;
    ConfigProblems problems;
    merge_config_file(repository_file(stem + ".json"), GetParam() + ".json", config, problems);
    EXPECT_EQ(message_of(problems) + "\n", repository_file(stem + ".txt"));
}

INSTANTIATE_TEST_SUITE_P(Rules, BadConfig, testing::ValuesIn(bad_configs()),
                         [](const auto& instance) { return instance.param; });

TEST(ConfigFile, TheExampleHasEveryKeyAtItsDefault) {
    const std::string text = repository_file("config/erawise.json");
    const Config config = merged(text);
    for (const ConfigOption& option : config_options()) {
        EXPECT_EQ(option.get(config), option.get(Config())) << option.name();
        if (!option.key.empty()) {
            EXPECT_EQ(config.origin_of(option.key), "file test.json") << option.key;
        }
    }
    EXPECT_TRUE(config.submissions.empty());
    EXPECT_EQ(config.origin_of("submissions"), "file test.json");
}

TEST(ConfigFile, ReadsASubmission) {
    const Config config = merged(R"({"submissions": [{
        "model": "alpha",
        "ensemble": [{"file": "a.ubj", "weight": 0.5}],
        "features": ["x", "y"], // in the order of training
        "transform": "none"}]})");
    ASSERT_EQ(config.submissions.size(), 1U);
    const SubmissionConfig& submission = config.submissions.front();
    EXPECT_EQ(submission.model, "alpha");
    ASSERT_EQ(submission.ensemble.size(), 1U);
    EXPECT_EQ(submission.ensemble.front().file, "a.ubj");
    EXPECT_EQ(submission.ensemble.front().weight, 0.5);
    EXPECT_THAT(submission.features, testing::ElementsAre("x", "y"));
    ASSERT_TRUE(submission.transform);
    EXPECT_TRUE(submission.transform->empty());
}

TEST(ConfigFile, TakesASizeAsTextOrBytes) {
    EXPECT_EQ(merged(R"({"memory_limit": "64MiB"})").memory_limit_bytes, 67108864U);
    EXPECT_EQ(merged(R"({"memory_limit": 67108864})").memory_limit_bytes, 67108864U);
}

TEST(ConfigFile, TakesWholeAndBrokenSeconds) {
    EXPECT_EQ(merged(R"({"retry": {"initial_seconds": 2}})").retry.initial,
              std::chrono::seconds(2));
    EXPECT_EQ(merged(R"({"retry": {"initial_seconds": 0.25}})").retry.initial,
              std::chrono::milliseconds(250));
}

TEST(ConfigFile, SetsOnlyWhatItNames) {
    const Config config = merged(R"({"data": {"version": "v5.2"}})");
    EXPECT_EQ(config.data.version, "v5.2");
    EXPECT_EQ(config.data.file, Config().data.file);
    EXPECT_EQ(config.origin_of("data.version"), "file test.json");
    EXPECT_EQ(config.origin_of("data.file"), "default");
}

TEST(ConfigFile, DeepNestingIsAnErrorAndNoCrash) {
    const std::string deep = std::string(100000, '[') + std::string(100000, ']');
    Config config;
    ConfigProblems problems;
    merge_config_file(R"({"threads": )" + deep + "}", "deep.json", config, problems);
    EXPECT_THAT(message_of(problems), testing::HasSubstr("deep.json: threads = [...]: expected"));
}

TEST(ConfigFile, ASyntaxErrorDoesNotRepeatWhatWasRead) {
    Config config;
    ConfigProblems problems;
    merge_config_file("{\"secret_key\": \"hidden", "cut.json", config, problems);
    EXPECT_THAT(message_of(problems), testing::HasSubstr("cut.json: not valid JSON: line 1"));
    EXPECT_THAT(message_of(problems), testing::Not(testing::HasSubstr("hidden")));
}

TEST(ConfigFile, BytesThatAreNoUtf8AreAnError) {
    Config config;
    ConfigProblems problems;
    merge_config_file("{\"engine\": \"\xff\"}", "bytes.json", config, problems);
    EXPECT_THAT(message_of(problems), testing::HasSubstr("bytes.json: not valid JSON: line 1"));
}

TEST(DuplicateKeys, AreFoundAtEveryDepthAndOnlyWithinOneObject) {
    EXPECT_THAT(duplicate_keys(R"({"a": {"b": 1}, "b": [{"a": 1}, {"a": 1}], "c": {"b": 1}})"),
                testing::IsEmpty());
    EXPECT_THAT(duplicate_keys(R"({"a": [[], [{}, {"x": 1, "y": [1, 2], "x": 2}]], "a": 1})"),
                testing::ElementsAre("a[1][1].x", "a"));
}

}  // namespace
}  // namespace erawise
