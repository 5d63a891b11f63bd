#include "config/options.h"

#include <gmock/gmock.h>

#include <set>

namespace erawise {
namespace {

std::string variable_for(std::string_view key) {
    std::string name = "ERAWISE_";
    for (const char character : key) {
        name += character == '.' ? '_' : static_cast<char>(std::toupper(character));
    }
    return name;
}

TEST(ConfigOptions, EveryKeyHasTheVariableOfItsName) {
    for (const ConfigOption& option : config_options()) {
        if (!option.key.empty()) {
            EXPECT_EQ(option.environment, variable_for(option.key));
            EXPECT_NE(option.json, JsonKind::none) << option.key;
        }
    }
}

TEST(ConfigOptions, NoNameIsUsedTwice) {
    std::set<std::string_view> keys;
    std::set<std::string_view> variables;
    std::set<std::pair<Command, std::string_view>> flags;
    for (const ConfigOption& option : config_options()) {
        EXPECT_TRUE(option.key.empty() || keys.insert(option.key).second) << option.key;
        EXPECT_TRUE(option.environment.empty() || variables.insert(option.environment).second)
            << option.environment;
        for (const Command command : kCommands) {
            const auto flag = option.flag_for(command);
            EXPECT_TRUE(flag.empty() || flags.emplace(command, flag).second) << flag;
        }
    }
}

TEST(ConfigOptions, EveryDefaultIsAValueThatIsTaken) {
    for (const ConfigOption& option : config_options()) {
        Config config;
        const std::string text = option.get(config);
        if (!text.empty()) {
            EXPECT_TRUE(option.set(config, text)) << option.name() << " = " << text;
            EXPECT_EQ(option.get(config), text) << option.name();
        }
    }
}

TEST(ConfigOptions, EveryOptionExplainsItself) {
    for (const ConfigOption& option : config_options()) {
        EXPECT_FALSE(option.name().empty());
        EXPECT_FALSE(option.help.empty()) << option.name();
        EXPECT_FALSE(option.expected.empty()) << option.name();
        EXPECT_FALSE(option.help.ends_with('.')) << option.name();
    }
}

TEST(ConfigOptions, ARefusedValueLeavesTheConfigAsItWas) {
    const ConfigOption* const threads = find_option_by_key("threads");
    ASSERT_NE(threads, nullptr);
    Config config;
    ASSERT_TRUE(set_option(*threads, "2", "flag --threads", config));
    EXPECT_FALSE(set_option(*threads, "many", "environment ERAWISE_THREADS", config));
    EXPECT_EQ(config.threads, 2U);
    EXPECT_EQ(config.origin_of("threads"), "flag --threads");
    EXPECT_EQ(config.origin_of("engine"), "default");
}

TEST(ConfigOptions, NoSecretCanBeSetHere) {
    for (const ConfigOption& option : config_options()) {
        EXPECT_THAT(std::string(option.environment), testing::Not(testing::HasSubstr("SECRET")));
        EXPECT_THAT(std::string(option.environment), testing::Not(testing::HasSubstr("PUBLIC")));
    }
}

TEST(Config, RunRanksAndPredictDoesNot) {
    Config config;
    const output::Transforms rank = {{.kind = output::TransformStep::Kind::rank}};
    const output::Transforms none;
    EXPECT_EQ(effective_transform(config, Command::run), rank);
    EXPECT_EQ(effective_transform(config, Command::predict), none);
    config.transform = none;
    EXPECT_EQ(effective_transform(config, Command::run), none);
    SubmissionConfig submission;
    EXPECT_EQ(effective_transform(config, Command::run, submission), none);
    submission.transform = rank;
    EXPECT_EQ(effective_transform(config, Command::run, submission), rank);
}

TEST(Config, OutputGoesToTheDataFolderUnlessSaid) {
    Config config;
    EXPECT_EQ(effective_output_directory(config), "/data/output");
    config.output_directory = "out";
    EXPECT_EQ(effective_output_directory(config), "out");
}

}  // namespace
}  // namespace erawise
