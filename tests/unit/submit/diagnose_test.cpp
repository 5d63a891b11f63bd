#include "submit/diagnose.h"

#include <gmock/gmock.h>

#include "submit/upload_test.h"
#include "support/expect_error.h"

namespace erawise::submit {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using transport::HttpMethod;
using util::ErrorKind;

constexpr const char* kCreation = "createDiagnostics";

class DiagnoseTest : public test::UploadTest {
  protected:
    void answer_created() { UploadTest::answer_created("d-1"); }
    void answer_runs(const std::string& list) {
        http_.answer(200, R"({"data":{"answer":[)" + list + "]}}");
    }
    void answer_status(const std::string& status, const std::string& message = "") {
        answer_runs(R"({"id":"d-1","status":")" + status + R"(","message":")" + message + R"("})");
    }
    DiagnosticsRun create(DiagnoseOptions options = {.model_name = "one", .model_id = "u1"}) {
        options.predictions = predictions();
        return create_diagnostics(api_, http_, retrier_, test::constant(0.5), options);
    }
    transport::Diagnostics wait(DiagnosticsWait options = {}) {
        const DiagnosticsRun run{.model = "one", .model_id = "u1", .id = "d-1", .sha256 = ""};
        return wait_for_diagnostics(
            api_, retrier_, clock_, test::constant(0.5), run, options,
            [&](const transport::Diagnostics& seen) { seen_.push_back(seen.status); });
    }

    std::vector<std::string> seen_;
};

TEST_F(DiagnoseTest, GoesFromTheNameToARun) {
    http_.answer(200,
                 R"({"data":{"answer":{"models":[{"id":"u1","name":"one","tournament":8}]}}})");
    answer_an_upload();
    answer_created();
    const auto run = create({.model_name = "one", .compute_id = "c1"});
    EXPECT_EQ(run.id, "d-1");
    EXPECT_EQ(run.model, "one");
    EXPECT_EQ(run.model_id, "u1");
    EXPECT_THAT(run.sha256, SizeIs(64));
    const auto& sent = http_.sent();
    EXPECT_THAT(sent[1].body, HasSubstr(R"("filename":"erawise-diagnostics-one-80000000.csv")"));
    EXPECT_EQ(sent[2].method, HttpMethod::put);
    EXPECT_EQ(sent[2].body, kCsv);
    EXPECT_EQ(sent[2].authorization, "");
    ASSERT_THAT(sent[2].headers, SizeIs(1));
    EXPECT_EQ(sent[2].headers[0].value, "c1");
    EXPECT_THAT(sent[3].body, AllOf(HasSubstr(kCreation), HasSubstr(kUploaded)));
}

TEST_F(DiagnoseTest, AnInvalidFileIsADataErrorAndSendsNothing) {
    csv_ = "id,prediction\nn1,0.5\nn1,0.6\n";
    EXPECT_THAT(expect_error(ErrorKind::data, [&] { create(); }),
                AllOf(HasSubstr("lines 2 and 3"), HasSubstr("nothing was sent")));
    EXPECT_THAT(http_.sent(), IsEmpty());
    expect_error(ErrorKind::disk, [&] { check_diagnostics_file(folder_ / "nothing"); });
}

TEST_F(DiagnoseTest, ARefusedUploadIsAuthorisedAgain) {
    answer_auth("https://store.example/expired");
    http_.answer(403, "<Error/>");
    answer_auth("https://store.example/fresh");
    http_.answer(200, "");
    answer_created();
    create();
    EXPECT_EQ(http_.sent()[3].url, "https://store.example/fresh");
}

TEST_F(DiagnoseTest, AnUploadThatFailsCreatesNothing) {
    for (int i = 0; i < 3; ++i) {
        answer_auth();
        http_.answer(400, "<Error/>");
    }
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { create(); }),
                AllOf(HasSubstr("HTTP 400"), Not(HasSubstr("secret"))));
    EXPECT_EQ(http_.count(kCreation), 0);
}

TEST_F(DiagnoseTest, ALostAnswerDoesNotCreateTwice) {
    answer_an_upload();
    http_.lose_answer();
    answer_runs(R"({"id":"d-0","filename":"older.csv"},{"id":"d-1","filename":"server-name.csv"})");
    EXPECT_EQ(create().id, "d-1");
    EXPECT_EQ(http_.count(kCreation), 1);
}

TEST_F(DiagnoseTest, ALostRequestIsCreatedAgain) {
    answer_an_upload();
    http_.lose_answer();
    answer_runs(R"({"id":"d-0","filename":"older.csv"})");
    answer_created();
    EXPECT_EQ(create().id, "d-1");
    EXPECT_EQ(http_.count(kCreation), 2);
}

TEST_F(DiagnoseTest, TheListIsAskedUntilItAnswers) {
    answer_an_upload();
    http_.lose_answer();
    http_.answer(503, "");
    answer_runs(R"({"id":"d-1","filename":"server-name.csv"})");
    EXPECT_EQ(create().id, "d-1");
    EXPECT_EQ(http_.count(kCreation), 1);
}

TEST_F(DiagnoseTest, AKeyThatMayNotListCreatesAgain) {
    answer_an_upload();
    http_.lose_answer();
    answer_error("Insufficient permission for read_submission_info");
    answer_created();
    EXPECT_EQ(create().id, "d-1");
}

TEST_F(DiagnoseTest, TheListIsAskedOnceMoreBeforeGivingUp) {
    answer_an_upload();
    http_.answer(429, "", {{"Retry-After", "3600"}});
    answer_runs(R"({"id":"d-1","filename":"server-name.csv"})");
    EXPECT_EQ(create().id, "d-1");

    answer_an_upload();
    http_.answer(429, "", {{"Retry-After", "3600"}});
    answer_runs("");
    EXPECT_THAT(expect_error(ErrorKind::network, [&] { create(); }),
                AllOf(HasSubstr(kUploaded), HasSubstr("may have begun")));
}

TEST_F(DiagnoseTest, NumeraisRefusalIsFinal) {
    answer_an_upload();
    answer_error("invalid tournament");
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { create(); }),
                HasSubstr("invalid tournament"));
    EXPECT_EQ(http_.count(kCreation), 1);
}

TEST_F(DiagnoseTest, PausesDoubleUpToTheLongest) {
    for (int i = 0; i < 4; ++i) {
        answer_status("pending");
    }
    answer_status("done");
    EXPECT_EQ(wait({.wait = 10min, .first_pause = 4s, .longest_pause = 12s}).status, "done");
    EXPECT_THAT(clock_.sleeps(), ElementsAre(3s, 6s, 9s, 9s));
    EXPECT_THAT(seen_, ElementsAre("pending", "pending", "pending", "pending", "done"));
}

TEST_F(DiagnoseTest, WhatIsNotListedYetIsLookedForAgain) {
    answer_runs("");
    answer_status("done");
    EXPECT_EQ(wait().status, "done");
    EXPECT_THAT(seen_, ElementsAre("done"));
}

TEST_F(DiagnoseTest, AnUnknownStatusIsNotYetTheEnd) {
    answer_status("brewing");
    answer_status("brewing");
    answer_status("Done");
    EXPECT_EQ(wait().status, "Done");
}

TEST_F(DiagnoseTest, TheWaitEndsInTimeAndNamesTheRun) {
    for (int i = 0; i < 3; ++i) {
        answer_status("pending");
    }
    const auto start = clock_.now();
    const auto message = expect_error(
        ErrorKind::network, [&] { wait({.wait = 5s, .first_pause = 4s, .longest_pause = 60s}); });
    EXPECT_THAT(message, AllOf(HasSubstr("d-1"), HasSubstr("not done after 5.0 s (pending)"),
                               HasSubstr("--wait")));
    EXPECT_EQ(clock_.now() - start, 5s);
    EXPECT_TRUE(http_.exhausted());
}

TEST_F(DiagnoseTest, WithoutAWaitThereIsOneLook) {
    answer_status("pending");
    expect_error(ErrorKind::network, [&] { wait({.wait = 0s}); });
    EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

TEST_F(DiagnoseTest, AnOutageIsOnlyOneMoreReasonToWait) {
    http_.answer(429, "", {{"Retry-After", "3600"}});
    answer_status("done");
    EXPECT_EQ(wait().status, "done");
    http_.answer(429, "", {{"Retry-After", "3600"}});
    EXPECT_THAT(expect_error(ErrorKind::network, [&] { wait({.wait = 0s}); }),
                AllOf(HasSubstr("d-1"), HasSubstr("cannot be reached")));
}

TEST_F(DiagnoseTest, AFailedRunIsRejectedInNumeraisWords) {
    answer_status("failed", "no validation eras");
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { wait(); }),
                AllOf(HasSubstr("d-1"), HasSubstr("no validation eras")));
    answer_status("error");
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { wait(); }),
                HasSubstr("no reason is given"));
    EXPECT_THAT(seen_, ElementsAre("failed", "error"));
}

TEST_F(DiagnoseTest, ARefusedLookNamesTheRun) {
    answer_error("Insufficient permission for read_submission_info");
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { wait(); }),
                AllOf(HasSubstr("d-1"), HasSubstr("lacks the scope read_submission_info")));
}

}  // namespace
}  // namespace erawise::submit
