#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "config/options.h"
#include "support/app_test_support.h"

namespace erawise {
namespace {

using testing::HasSubstr;
using testing::Not;
using Words = std::vector<const char*>;

const Environment kKeys = {{"NUMERAI_PUBLIC_ID", "hidden-id"},
                           {"NUMERAI_SECRET_KEY", "hidden-key"}};

CommandLine parse(Words words, const Environment& environment = {}) {
    words.insert(words.begin(), "erawise");
    return parse_command_line(words, environment, "erawise 1.2.3 (abc)\n");
}

std::string error_of(const Words& words, const Environment& environment = {}) {
    return usage_error_of([&] { static_cast<void>(parse(words, environment)); });
}

std::string answer_of(const Words& words, const Environment& environment = {}) {
    const CommandLine result = parse(words, environment);
    return result.answer ? result.answer->text : "no answer";
}

class ConfigFileOnDisk {
  public:
    explicit ConfigFileOnDisk(std::string_view content)
        : path_((std::filesystem::temp_directory_path() /
                 ("erawise-config-" + std::to_string(getpid()) + ".json"))
                    .string()) {
        std::ofstream(path_, std::ios::binary) << content;
    }
    ~ConfigFileOnDisk() { std::filesystem::remove(path_); }
    ConfigFileOnDisk(const ConfigFileOnDisk&) = delete;
    ConfigFileOnDisk& operator=(const ConfigFileOnDisk&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

TEST(CommandLine, NoCommandPrintsHelpAndFails) {
    for (const CommandLine& result :
         {parse({}), parse_command_line({}, Environment(), "erawise\n")}) {
        ASSERT_TRUE(result.answer);
        EXPECT_EQ(result.answer->exit_code, 2);
        EXPECT_THAT(result.answer->text, HasSubstr("Usage: erawise COMMAND"));
    }
}

TEST(CommandLine, VersionAnswersEverywhere) {
    EXPECT_EQ(answer_of({"--version"}), "erawise 1.2.3 (abc)\n");
    EXPECT_EQ(answer_of({"run", "--version"}), "erawise 1.2.3 (abc)\n");
    EXPECT_EQ(parse({"--version"}).answer->exit_code, 0);
}

TEST(CommandLine, HelpOfEveryCommandTeaches) {
    for (const auto* const command :
         {"run", "predict", "download", "submit", "inspect", "diagnose"}) {
        const std::string help = answer_of({command, "--help"});
        EXPECT_THAT(help, HasSubstr("Usage: erawise " + std::string(command) + " [flags]"));
        EXPECT_THAT(help, HasSubstr("Example:\n"));
        EXPECT_THAT(help, HasSubstr("erawise " + std::string(command) + " --"));
        EXPECT_THAT(help, HasSubstr("  12  memory: the cap cannot be met"));
        EXPECT_THAT(help, HasSubstr("docs/CONFIGURATION.md"));
        EXPECT_THAT(help, Not(HasSubstr(" \n"))) << "blanks at the end of a line";
    }
}

TEST(CommandLine, HelpListsEveryFlagAndNothingElse) {
    for (const ConfigOption& option : config_options()) {
        for (const Command command : kCommands) {
            const std::string help = answer_of({std::string(name_of(command)).c_str(), "-h"});
            if (const auto flag = option.flag_for(command); !flag.empty()) {
                EXPECT_THAT(help, HasSubstr("      " + std::string(flag) +
                                            (option.placeholder.empty() ? "" : " ") +
                                            std::string(option.placeholder)));
            }
        }
    }
}

TEST(CommandLine, HelpOfTheProgramListsTheCommandsThatExist) {
    const std::string help = answer_of({"--help"});
    for (const auto* const command : {"run", "predict", "backtest", "score", "download", "submit",
                                      "inspect", "doctor", "diagnose"}) {
        EXPECT_THAT(help, HasSubstr("\n  " + std::string(command) + "  "));
    }
}

TEST(CommandLine, ExamplesInHelpAreAccepted) {
    EXPECT_EQ(error_of({"run", "--models-directory", "models", "--data-directory", "data",
                        "--memory-limit", "128MiB"},
                       kKeys),
              "");
    EXPECT_EQ(error_of({"predict", "--data", "live.csv.xz", "--model", "alpha.ubj", "--output",
                        "predictions.csv"}),
              "");
    EXPECT_EQ(error_of({"download", "--file", "v5.3/live.parquet", "--directory", "data"}), "");
    EXPECT_EQ(
        error_of({"submit", "--predictions", "predictions.csv", "--model-name", "alpha"}, kKeys),
        "");
    EXPECT_EQ(error_of({"inspect", "--data", "live.csv.xz", "--model", "alpha.ubj"}), "");
    EXPECT_EQ(error_of({"predict", "--data", "validation.parquet", "--model", "alpha.ubj",
                        "--transform", "rank", "--output", "validation.csv"}),
              "");
    EXPECT_EQ(
        error_of({"diagnose", "--predictions", "validation.csv", "--model-name", "alpha"}, kKeys),
        "");
}

TEST(CommandLine, RunTakesTheKeyPairFromTheEnvironment) {
    const CommandLine result = parse({"run"}, kKeys);
    EXPECT_EQ(result.command, Command::run);
    EXPECT_FALSE(result.answer);
    EXPECT_EQ(result.config.numerai.secret_key.reveal(), "hidden-key");
}

TEST(CommandLine, OnlyCommandsThatSignInAskForKeys) {
    EXPECT_THAT(error_of({"run"}), HasSubstr("NUMERAI_PUBLIC_ID is not set"));
    EXPECT_THAT(error_of({"submit", "--predictions", "p", "--model-name", "m"}),
                HasSubstr("NUMERAI_SECRET_KEY is not set"));
    EXPECT_THAT(error_of({"diagnose", "--predictions", "p", "--model-name", "m"}),
                HasSubstr("NUMERAI_SECRET_KEY is not set"));
    EXPECT_EQ(error_of({"run", "--dry-run"}), "");
    EXPECT_EQ(error_of({"download", "--file", "v5.3/live.parquet"}), "");
    EXPECT_TRUE(parse({"inspect", "--data", "a"}, kKeys).config.numerai.secret_key.empty());
}

TEST(CommandLine, AWaitIsThatOfItsCommand) {
    const Config run = parse({"run", "--wait", "5m"}, kKeys).config;
    EXPECT_EQ(run.schedule.wait, std::chrono::minutes(5));
    EXPECT_EQ(run.diagnose.wait, std::chrono::minutes(30));
    const Config diagnose =
        parse({"diagnose", "--predictions", "p", "--model-name", "m", "--wait", "0s"}, kKeys)
            .config;
    EXPECT_EQ(diagnose.diagnose.wait, std::chrono::seconds(0));
    EXPECT_EQ(diagnose.schedule.wait, std::chrono::hours(2));
}

TEST(CommandLine, SetsTheCommandsOwnFlags) {
    const Config config = parse({"predict", "--data=a.csv", "--model", "m.ubj", "--output", "-",
                                 "--prediction-column", "probability", "--all-trees"})
                              .config;
    EXPECT_EQ(config.predict.data, "a.csv");
    EXPECT_EQ(config.predict.model, "m.ubj");
    EXPECT_EQ(config.predict.output, "-");
    EXPECT_EQ(config.predict.prediction_column, "probability");
    EXPECT_TRUE(config.predict.all_trees);
    EXPECT_FALSE(config.dry_run);
    EXPECT_EQ(parse({"download", "--file", "v5.3/x.csv", "--directory", "d"}).config.data.directory,
              "d");
    EXPECT_EQ(parse({"inspect", "--model", "m"}).config.inspect.model, "m");
}

TEST(CommandLine, PredictWritesPredictionsCsvUnlessSaid) {
    EXPECT_EQ(parse({"predict", "--data", "a", "--model", "b"}).config.predict.output,
              "predictions.csv");
}

TEST(CommandLine, LaterSourcesWinAndAreNamed) {
    const ConfigFileOnDisk file(
        R"({"threads": 1, "engine": "xgboost", "data": {"version": "v1", "file": "f1"}})");
    const CommandLine result =
        parse({"run", "--config", file.path().c_str(), "--threads", "3", "--dry-run"},
              {{"ERAWISE_THREADS", "2"}, {"ERAWISE_DATA_VERSION", "v2"}});
    EXPECT_EQ(result.config.threads, 3U);
    EXPECT_EQ(result.config.data.version, "v2");
    EXPECT_EQ(result.config.data.file, "f1");
    EXPECT_EQ(result.config.origin_of("threads"), "flag --threads");
    EXPECT_EQ(result.config.origin_of("data.version"), "environment ERAWISE_DATA_VERSION");
    EXPECT_EQ(result.config.origin_of("data.file"), "file " + file.path());
    EXPECT_EQ(result.config.origin_of("models_directory"), "default");
}

TEST(CommandLine, TheConfigFileCanBeNamedByTheEnvironment) {
    const ConfigFileOnDisk file(R"({"threads": 7})");
    EXPECT_EQ(parse({"run", "--dry-run"}, {{"ERAWISE_CONFIG", file.path()}}).config.threads, 7U);
}

TEST(CommandLine, AMissingConfigFileIsAUsageError) {
    EXPECT_THAT(error_of({"run", "--dry-run", "--config", "/nonexistent.json"}),
                HasSubstr("config file: cannot read /nonexistent.json"));
}

TEST(CommandLine, ProblemsOfAllSourcesComeInOneMessage) {
    const ConfigFileOnDisk file(R"({"engine": "lightgbm"})");
    const std::string message = error_of(
        {"predict", "--config", file.path().c_str(), "--memory-limit", "64Q", "--thread", "2"},
        {{"ERAWISE_THREADS", "many"}});
    EXPECT_THAT(message, HasSubstr("6 problems"));
    EXPECT_THAT(message, HasSubstr(file.path() + ": engine = \"lightgbm\": expected"));
    EXPECT_THAT(message, HasSubstr("environment: ERAWISE_THREADS = \"many\": expected"));
    EXPECT_THAT(message, HasSubstr("command line: --memory-limit = \"64Q\": expected"));
    EXPECT_THAT(message, HasSubstr("command line: --thread: unknown flag of erawise predict; did "
                                   "you mean --threads?"));
    EXPECT_THAT(message, HasSubstr("command line: --data FILE is missing"));
    EXPECT_THAT(
        message,
        HasSubstr("command line: erawise predict needs --model FILE, or --submission NAME"));
}

TEST(CommandLine, FlagsOfOtherCommandsAreUnknown) {
    EXPECT_THAT(error_of({"predict", "--data", "a", "--model", "b", "--wait", "1h"}),
                HasSubstr("--wait: unknown flag of erawise predict"));
}

TEST(CommandLine, AnUnknownCommandIsNamedWithTheNearest) {
    EXPECT_THAT(error_of({"predikt"}),
                HasSubstr("predikt: unknown command; did you mean predict?"));
    EXPECT_THAT(error_of({"train"}), HasSubstr("train: unknown command"));
}

TEST(CommandLine, FlagsBelongBehindTheCommand) {
    EXPECT_THAT(error_of({"--threads", "2", "run"}), HasSubstr("the command comes first"));
}

TEST(CommandLine, StrayWordsAreRefused) {
    EXPECT_THAT(error_of({"run", "predict"}, kKeys), HasSubstr("\"predict\": erawise run takes "));
}

TEST(CommandLine, AFlagWithoutItsValueOrGivenTwiceIsRefused) {
    EXPECT_THAT(error_of({"run", "--threads"}, kKeys), HasSubstr("--threads"));
    EXPECT_THAT(error_of({"run", "--threads", "1", "--threads", "2"}, kKeys),
                HasSubstr("a flag is given once"));
    EXPECT_THAT(error_of({"run", "--dry-run=no"}, kKeys), HasSubstr("unless it is a switch"));
}

TEST(CommandLine, ASecretOnTheCommandLineIsRefusedAndNotRepeated) {
    for (const Words& words :
         {Words{"run", "--secret-key", "hidden"}, Words{"run", "--secret-key=hidden"},
          Words{"run", "--numerai-public-id", "hidden"}}) {
        const std::string message = error_of(words, kKeys);
        EXPECT_THAT(message, HasSubstr("keys are taken from the environment only"));
        EXPECT_THAT(message, Not(HasSubstr("hidden")));
    }
}

TEST(CommandLine, InspectNeedsSomethingToInspect) {
    EXPECT_THAT(error_of({"inspect"}), HasSubstr("--data FILE, --model FILE or both"));
}

TEST(CommandLine, RetryWaitsMustBeInOrder) {
    EXPECT_THAT(error_of({"run"}, {{"NUMERAI_PUBLIC_ID", "a"},
                                   {"NUMERAI_SECRET_KEY", "b"},
                                   {"ERAWISE_RETRY_INITIAL_SECONDS", "90"}}),
                HasSubstr("retry.initial_seconds = 90 (environment ERAWISE_RETRY_INITIAL_SECONDS) "
                          "is more than retry.maximum_seconds = 60 (default)"));
}

TEST(PrintConfig, ShowsEverySettingWithItsOriginAndNoKey) {
    const ConfigFileOnDisk file(R"({"threads": 1, "submissions": [
        {"model": "alpha", "ensemble": [{"file": "a.ubj"}]}]})");
    const std::string text = answer_of(
        {"run", "--print-config", "--config", file.path().c_str(), "--memory-limit", "64MiB"},
        kKeys);
    EXPECT_THAT(text, testing::ContainsRegex("memory_limit = 64MiB +\\(flag --memory-limit\\)\n"));
    EXPECT_THAT(text, testing::ContainsRegex("threads = 1 +\\(file " + file.path() + "\\)\n"));
    EXPECT_THAT(text, testing::ContainsRegex("data.version = v5.3 +\\(default\\)\n"));
    EXPECT_THAT(text, HasSubstr("submissions[0] = alpha from a.ubj, transform auto"));
    EXPECT_THAT(text, HasSubstr("NUMERAI_SECRET_KEY: set (from environment NUMERAI_SECRET_KEY)\n"));
    EXPECT_THAT(text, Not(HasSubstr("hidden")));
    for (const ConfigOption& option : config_options()) {
        if (!option.key.empty() || !option.environment.empty()) {
            EXPECT_THAT(text, HasSubstr(std::string(option.name()) + " = "));
        }
    }
}

TEST(PrintConfig, NeedsNeitherKeysNorRequiredFlags) {
    EXPECT_THAT(answer_of({"run", "--print-config"}), HasSubstr("NUMERAI_SECRET_KEY: not set\n"));
    EXPECT_THAT(answer_of({"predict", "--print-config"}), HasSubstr("--data = (empty)"));
}

TEST(CheckConfig, AcceptsTheExampleAndRefusesWhatIsWrong) {
    const std::string example = std::string(ERAWISE_SOURCE_DIR) + "/config/erawise.json";
    EXPECT_EQ(answer_of({"run", "--check-config", "--config", example.c_str()}),
              "the configuration is valid: " + example + "\n");
    const ConfigFileOnDisk file(R"({"threads": "all"})");
    EXPECT_THAT(error_of({"run", "--check-config", "--config", file.path().c_str()}),
                HasSubstr("threads = \"all\": expected"));
}

}  // namespace
}  // namespace erawise
