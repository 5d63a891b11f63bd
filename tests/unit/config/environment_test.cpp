#include "config/environment.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config/options.h"
#include "support/app_test_support.h"

namespace erawise {
namespace {

using testing::HasSubstr;
using testing::Not;

class KeyFile {
  public:
    explicit KeyFile(std::string_view content)
        : path_(std::filesystem::temp_directory_path() /
                ("erawise-key-" + std::to_string(getpid()))) {
        std::ofstream(path_, std::ios::binary) << content;
    }
    ~KeyFile() { std::filesystem::remove(path_); }
    KeyFile(const KeyFile&) = delete;
    KeyFile& operator=(const KeyFile&) = delete;

    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

struct Outcome {
    Config config;
    std::string message;
};

Outcome key_pair(const Environment& environment, KeyPair need = KeyPair::required) {
    Outcome outcome;
    ConfigProblems problems;
    merge_key_pair(environment, need, outcome.config, problems);
    outcome.message = message_of(problems);
    return outcome;
}

std::string environment_message(const Environment& environment) {
    Config config;
    ConfigProblems problems;
    merge_environment(environment, config, problems);
    return message_of(problems);
}

TEST(Environment, SetsWhatItNames) {
    Config config;
    ConfigProblems problems;
    merge_environment({{"ERAWISE_DATA_VERSION", "v5.2"},
                       {"ERAWISE_PROGRESS", "never"},
                       {"TRIGGER_ID", "t-1"},
                       {"MODEL_ID", "m-1"},
                       {"NUMERAI_COMPUTE_ID", "c-1"},
                       {"HOME", "/root"}},
                      config, problems);
    EXPECT_EQ(message_of(problems), "");
    EXPECT_EQ(config.data.version, "v5.2");
    EXPECT_EQ(config.progress, Progress::never);
    EXPECT_EQ(config.numerai.trigger_id, "t-1");
    EXPECT_EQ(config.numerai.model_id, "m-1");
    EXPECT_EQ(config.numerai.compute_id, "c-1");
    EXPECT_EQ(config.origin_of("data.version"), "environment ERAWISE_DATA_VERSION");
}

TEST(Environment, AnEmptyVariableCountsAsNotSet) {
    EXPECT_EQ(environment_message({{"ERAWISE_THREADS", ""}, {"TRIGGER_ID", ""}}), "");
}

TEST(Environment, QuotesAndLineEndsOfAnEnvFileAreNamed) {
    const std::string message = environment_message({{"MODEL_ID", "\"m-1\""},
                                                     {"ERAWISE_MODELS_DIRECTORY", "'/models'"},
                                                     {"ERAWISE_DATA_VERSION", "v5.3\r"}});
    EXPECT_THAT(message, HasSubstr("MODEL_ID has quotes around it: docker --env-file"));
    EXPECT_THAT(message, HasSubstr("ERAWISE_MODELS_DIRECTORY has quotes around it"));
    EXPECT_THAT(message, HasSubstr("ERAWISE_DATA_VERSION ends with a carriage return"));
}

TEST(Environment, EveryProblemIsNamed) {
    const std::string message = environment_message(
        {{"ERAWISE_THREADS", "many"}, {"ERAWISE_DATAVERSION", "v5.2"}, {"TRIGGER_ID", "a b"}});
    EXPECT_THAT(message, HasSubstr("environment: ERAWISE_THREADS = \"many\": expected a whole "));
    EXPECT_THAT(message, HasSubstr("environment: ERAWISE_DATAVERSION: unknown variable; did you "
                                   "mean ERAWISE_DATA_VERSION?"));
    EXPECT_THAT(message, HasSubstr("environment: TRIGGER_ID = \"a b\": expected"));
}

TEST(Environment, ASecretOfOursIsRefusedAndNotShown) {
    const std::string message = environment_message({{"ERAWISE_SECRET_KEY", "hidden"}});
    EXPECT_THAT(message, HasSubstr("NUMERAI_SECRET_KEY"));
    EXPECT_THAT(message, Not(HasSubstr("hidden")));
}

TEST(KeyPair, ComesFromVariables) {
    const auto outcome = key_pair({{"NUMERAI_PUBLIC_ID", "id"}, {"NUMERAI_SECRET_KEY", "key"}});
    EXPECT_EQ(outcome.message, "");
    EXPECT_EQ(outcome.config.numerai.public_id.reveal(), "id");
    EXPECT_EQ(outcome.config.numerai.secret_key.reveal(), "key");
}

TEST(KeyPair, ComesFromAFileWithoutItsLineBreak) {
    const KeyFile file("key\r\n");
    const auto outcome =
        key_pair({{"NUMERAI_PUBLIC_ID", "id"}, {"NUMERAI_SECRET_KEY_FILE", file.path()}});
    EXPECT_EQ(outcome.message, "");
    EXPECT_EQ(outcome.config.numerai.secret_key.reveal(), "key");
}

TEST(KeyPair, GivenTwiceIsAnError) {
    const auto outcome = key_pair({{"NUMERAI_PUBLIC_ID", "id"},
                                   {"NUMERAI_SECRET_KEY", "hidden"},
                                   {"NUMERAI_SECRET_KEY_FILE", "/nonexistent"}});
    EXPECT_THAT(outcome.message, HasSubstr("NUMERAI_SECRET_KEY and NUMERAI_SECRET_KEY_FILE are "
                                           "both set"));
    EXPECT_THAT(outcome.message, Not(HasSubstr("hidden")));
}

TEST(KeyPair, MissingIsAnErrorOnlyWhereItIsNeeded) {
    EXPECT_THAT(key_pair({}).message, HasSubstr("NUMERAI_PUBLIC_ID is not set"));
    EXPECT_THAT(key_pair({}).message, HasSubstr("NUMERAI_SECRET_KEY is not set"));
    EXPECT_EQ(key_pair({}, KeyPair::if_given).message, "");
}

TEST(KeyPair, HalfAPairIsAnErrorEverywhere) {
    const auto outcome = key_pair({{"NUMERAI_PUBLIC_ID", "id"}}, KeyPair::if_given);
    EXPECT_THAT(outcome.message, HasSubstr("NUMERAI_SECRET_KEY is not set"));
    EXPECT_THAT(outcome.message, Not(HasSubstr("NUMERAI_PUBLIC_ID is not set")));
}

TEST(KeyPair, AnUnreadableFileIsNamed) {
    const auto outcome =
        key_pair({{"NUMERAI_PUBLIC_ID", "id"}, {"NUMERAI_SECRET_KEY_FILE", "/nonexistent/key"}});
    EXPECT_THAT(outcome.message,
                HasSubstr("NUMERAI_SECRET_KEY_FILE: cannot read /nonexistent/key"));
}

TEST(KeyPair, AnEmptyFileOrOneThatIsNoKeyIsAnErrorThatHidesIt) {
    const std::pair<std::string, const char*> cases[] = {
        {"", "is empty"},
        {"\n", "is empty"},
        {" \t\n", "is empty"},
        {"\"hidden\"", "has quotes around it"},
        {"'hidden'\r\n", "has quotes around it"},
        {"\"hidden", "has quotes around it"},
        {"\u201chidden\u201d", "has quotes around it"},
        {" \"hidden\" ", "has quotes around it"},
        {"hidden key", "has white space in it"},
        {"hidden\nhidden\n", "has several lines"},
        {"hidden\rhidden", "has several lines"},
        {"\nhidden", "has white space around it"},
        {" hidden", "has white space around it"},
        {"hidden \n", "has white space around it"},
        {"Token hidden", "without Authorization and Token"},
        {"Authorization: Token hidden", "without Authorization and Token"},
        {"Token hidden$hidden", "without Authorization and Token"},
        {"hidden$hidden", "both halves"},
        {"$NUMERAI_KEY", "nobody filled in"},
        {"${NUMERAI_KEY}", "nobody filled in"},
        {"NUMERAI_SECRET_KEY=hidden", "has the name of a variable"},
        {"export NUMERAI_SECRET_KEY=hidden", "has the name of a variable"},
        {"\xef\xbb\xbfhidden", "byte order mark"},
        {std::string("h\0i\0d\0", 6), "UTF-16"},
        {"hidd\xc3\xa4n", "signs that no key has"},
    };
    for (const auto& [content, why] : cases) {
        const KeyFile file(content);
        const std::string of_file =
            key_pair({{"NUMERAI_PUBLIC_ID", "id"}, {"NUMERAI_SECRET_KEY_FILE", file.path()}})
                .message;
        EXPECT_THAT(of_file, HasSubstr("environment: NUMERAI_SECRET_KEY_FILE "));
        EXPECT_THAT(of_file, HasSubstr(why)) << content;
        EXPECT_THAT(of_file, Not(HasSubstr("hidden")));
        if (!content.empty() && !content.contains('\0')) {
            const std::string of_variable =
                key_pair({{"NUMERAI_PUBLIC_ID", content}, {"NUMERAI_SECRET_KEY", "key"}}).message;
            EXPECT_THAT(of_variable, HasSubstr(why)) << content;
            EXPECT_THAT(of_variable, Not(HasSubstr("hidden")));
        }
    }
}

TEST(DescribeSecret, SaysWhereItIsFromAndNotWhatItIs) {
    const Environment environment = {{"NUMERAI_PUBLIC_ID", "hidden"},
                                     {"NUMERAI_SECRET_KEY_FILE", "/run/secrets/key"}};
    EXPECT_EQ(describe_secret(environment, kPublicIdVariable),
              "set (from environment NUMERAI_PUBLIC_ID)");
    EXPECT_EQ(describe_secret(environment, kSecretKeyVariable), "set (from file /run/secrets/key)");
    EXPECT_EQ(describe_secret({}, kSecretKeyVariable), "not set");
}

TEST(CurrentEnvironment, HasTheVariablesOfTheProcess) {
    EXPECT_FALSE(value_of(current_environment(), "PATH").empty());
}

}  // namespace
}  // namespace erawise
