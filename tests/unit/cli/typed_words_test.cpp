#include "cli/typed_words.h"

#include <gmock/gmock.h>

#include <vector>

namespace erawise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TypedWords split(std::vector<const char*> words) {
    words.insert(words.begin(), "erawise");
    return split_command_line(words);
}

std::vector<std::string> texts(const TypedWords& words) {
    std::vector<std::string> texts;
    for (const FlagText& flag : words.flags) {
        texts.push_back(std::string(flag.option->name()) + " " + flag.text);
    }
    return texts;
}

TEST(TypedWords, AValueFollowsOrStandsBehindTheFirstEqualsSign) {
    EXPECT_THAT(texts(split({"predict", "--threads", "2", "--model=a=b", "--all-trees"})),
                ElementsAre("threads 2", "--model a=b", "--all-trees true"));
}

TEST(TypedWords, WhatFollowsAFlagIsItsValueWhateverItLooksLike) {
    EXPECT_THAT(
        texts(split({"predict", "--null-value", "-1", "--output", "-", "--data", "--help"})),
        ElementsAre("data.null_value -1", "--output -", "--data --help"));
}

TEST(TypedWords, AnEmptyValueIsAValue) {
    const TypedWords words = split({"run", "--report=", "--threads", "", "--help"});
    EXPECT_THAT(texts(words), ElementsAre("--report ", "threads "));
    EXPECT_TRUE(words.asks_help);
}

TEST(TypedWords, AFlagMeansWhatItsCommandMakesOfIt) {
    EXPECT_EQ(split({"predict", "--data", "a"}).flags.front().option->help, "Data to predict");
    EXPECT_EQ(split({"score", "--data", "a"}).flags.front().option->help,
              "Data with eras and targets");
}

TEST(TypedWords, TheFirstWordThatNothingTakesIsKept) {
    const TypedWords words = split({"run", "--bogus=1", "--threads", "2", "stray"});
    ASSERT_TRUE(words.left_over);
    EXPECT_EQ(words.left_over->text, "--bogus=1");
    EXPECT_TRUE(words.left_over->is_flag);
    EXPECT_THAT(texts(words), ElementsAre("threads 2"));
    EXPECT_EQ(split({"--threads", "2", "run"}).before_command->text, "--threads");
}

TEST(TypedWords, BehindTwoDashesThereAreNoFlags) {
    const TypedWords words = split({"run", "--", "--help"});
    EXPECT_FALSE(words.asks_help);
    ASSERT_TRUE(words.left_over);
    EXPECT_EQ(words.left_over->text, "--help");
    EXPECT_FALSE(words.left_over->is_flag);
    EXPECT_FALSE(split({"run", "--"}).left_over);
}

TEST(TypedWords, ASwitchTakesNoValueButTrueAndMayStandTwice) {
    EXPECT_THAT(split({"run", "--dry-run", "--dry-run=true"}).fault, IsEmpty());
    EXPECT_THAT(split({"run", "--dry-run=no"}).fault, HasSubstr("dry-run"));
    EXPECT_THAT(split({"run", "--check-config=1"}).fault, HasSubstr("check-config"));
}

TEST(TypedWords, AValueThatIsMissingOrGivenTwiceIsAFault) {
    EXPECT_EQ(split({"run", "--threads"}).fault, "--threads: 1 required N missing");
    EXPECT_EQ(split({"run", "--threads", "1", "--threads=2"}).fault,
              "--threads: At most 1 required but received 2");
}

TEST(TypedWords, HelpAndVersionAreAskedForBeforeAndBehindTheCommand) {
    EXPECT_TRUE(split({"-h", "run"}).asks_help);
    EXPECT_TRUE(split({"run", "bogus", "--help"}).asks_help);
    EXPECT_TRUE(split({"--version"}).asks_version);
    EXPECT_EQ(split({"--help", "run"}).command, Command::run);
}

}  // namespace
}  // namespace erawise
