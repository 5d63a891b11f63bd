#include "commands/findings.h"

#include <gmock/gmock.h>

#include "support/expect_error.h"

namespace erawise {
namespace {

using util::Error;
using util::ErrorKind;

TEST(Findings, AreALineEachInTheOrderOfTheChecks) {
    Findings findings;
    findings.ok("models", "2 in /models");
    findings.note("memory", "no cap");
    findings.problem("key", Error(ErrorKind::rejected, "no such key"));
    EXPECT_EQ(findings.text(),
              "ok       models         2 in /models\n"
              "note     memory         no cap\n"
              "problem  key            no such key\n");
}

TEST(Findings, TheWorstProblemIsThatOfHighestSeverityAndSaysWhatItIsAbout) {
    Findings findings;
    EXPECT_FALSE(findings.worst());
    EXPECT_FALSE(findings.examine("round", [] { throw Error(ErrorKind::network, "down"); }));
    EXPECT_FALSE(findings.examine("data folder", [] { throw Error(ErrorKind::disk, "full"); }));
    EXPECT_FALSE(findings.examine("key", [] { throw Error(ErrorKind::rejected, "no"); }));
    EXPECT_TRUE(findings.examine("clock", [] {}));
    ASSERT_TRUE(findings.worst());
    EXPECT_STREQ(findings.worst()->what(), "data folder: full");
}

TEST(Findings, ACancelledRunEndsTheChecks) {
    Findings findings;
    test::expect_error(ErrorKind::cancelled, [&] {
        findings.examine("round", [] { throw Error(ErrorKind::cancelled, "SIGINT"); });
    });
    EXPECT_EQ(findings.text(), "");
}

}  // namespace
}  // namespace erawise
