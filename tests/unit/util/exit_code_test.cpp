#include "util/exit_code.h"

#include <gmock/gmock.h>

#include <array>
#include <csignal>
#include <set>

namespace erawise {
namespace {

using util::ErrorKind;

constexpr std::array kKinds = {ErrorKind::bug,      ErrorKind::usage,  ErrorKind::data,
                               ErrorKind::model,    ErrorKind::disk,   ErrorKind::network,
                               ErrorKind::rejected, ErrorKind::memory, ErrorKind::cancelled};

TEST(ExitCode, IsTheDocumentedOne) {
    EXPECT_EQ(exit_code_for(ErrorKind::bug), 1);
    EXPECT_EQ(exit_code_for(ErrorKind::usage), 2);
    EXPECT_EQ(exit_code_for(ErrorKind::data), 3);
    EXPECT_EQ(exit_code_for(ErrorKind::model), 4);
    EXPECT_EQ(exit_code_for(ErrorKind::disk), 5);
    EXPECT_EQ(exit_code_for(ErrorKind::network), 10);
    EXPECT_EQ(exit_code_for(ErrorKind::rejected), 11);
    EXPECT_EQ(exit_code_for(ErrorKind::memory), 12);
}

TEST(ExitCode, OfACancelledRunNamesTheSignal) {
    EXPECT_EQ(exit_code_for(ErrorKind::cancelled, SIGINT), 130);
    EXPECT_EQ(exit_code_for(ErrorKind::cancelled, SIGTERM), 143);
    EXPECT_EQ(exit_code_for(ErrorKind::cancelled), 143);
}

TEST(ExitCode, EveryKindHasItsOwnAndALineInTheTable) {
    ASSERT_EQ(kKinds.size(), static_cast<std::size_t>(ErrorKind::cancelled) + 1);
    std::set<int> codes = {kExitDone};
    for (const ErrorKind kind : kKinds) {
        const int code = exit_code_for(kind);
        EXPECT_TRUE(codes.insert(code).second) << code << " is used twice";
        EXPECT_THAT(exit_code_table(), testing::HasSubstr(" " + std::to_string(code) + "  "));
    }
}

TEST(ExitCode, KilledByTheKernelIsNotAnExitCodeOfOurs) {
    EXPECT_THAT(exit_code_table(), testing::Not(testing::HasSubstr("137")));
}

}  // namespace
}  // namespace erawise
