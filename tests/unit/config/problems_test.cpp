#include "config/problems.h"

#include <gmock/gmock.h>

#include "support/app_test_support.h"

namespace erawise {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ConfigProblems, NoneIsNoError) {
    EXPECT_EQ(message_of(ConfigProblems()), "");
}

TEST(ConfigProblems, AreAllInOneMessage) {
    ConfigProblems problems;
    problems.add("a.json", "first");
    problems.add_value("a.json", "threads", "\"two\"", "a number");
    EXPECT_THAT(message_of(problems), HasSubstr("2 problems in the configuration"));
    EXPECT_THAT(message_of(problems), HasSubstr("\n  a.json: first"));
    EXPECT_THAT(message_of(problems),
                HasSubstr("\n  a.json: threads = \"two\": expected a number"));
}

TEST(Nearest, FindsTypingErrorsAndLeftOutSections) {
    const std::vector<std::string_view> names = {"data.version", "threads", "log.level"};
    EXPECT_EQ(nearest("thread", names), "threads");
    EXPECT_EQ(nearest("log_level", names), "log.level");
    EXPECT_EQ(nearest("version", names), "data.version");
    EXPECT_EQ(nearest("colour", names), "");
    EXPECT_EQ(nearest("", {}), "");
}

TEST(LooksSecret, WhateverTheSpelling) {
    for (const auto* const name : {"secret_key", "SecretKey", "ERAWISE_SECRET", "numerai.public_id",
                                   "--api-key", "password", "api_token"}) {
        EXPECT_TRUE(looks_secret(name)) << name;
    }
    for (const auto* const name : {"threads", "data.version", "--model-name", "public"}) {
        EXPECT_FALSE(looks_secret(name)) << name;
    }
}

TEST(QuotedValue, IsSafeToShow) {
    EXPECT_EQ(quoted_value("a\nb\x1b[0m"), "\"a\\x0ab\\x1b[0m\"");
    EXPECT_THAT(quoted_value("https://name:pass@example.org"), Not(HasSubstr("pass")));
    EXPECT_LT(quoted_value(std::string(5000, 'x')).size(), 100U);
}

}  // namespace
}  // namespace erawise
