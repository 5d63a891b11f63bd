#include "submit/submit.h"

#include <gmock/gmock.h>

#include "submit/key_check.h"
#include "submit/model_name.h"
#include "submit/receipt.h"
#include "submit/upload_test.h"
#include "support/expect_error.h"

namespace erawise::submit {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using transport::HttpMethod;
using util::ErrorKind;

class SubmitTest : public test::UploadTest {
  protected:
    void answer_models() {
        http_.answer(200, R"({"data":{"answer":{"models":[
            {"id":"u1","name":"one","tournament":8},{"id":"u2","name":"two","tournament":8}]}}})");
    }
    void answer_listed(const std::string& filename, const std::string& id) {
        http_.answer(200, R"({"data":{"answer":[{"id":"old","filename":"older.csv"},{"id":")" + id +
                              R"(","filename":")" + filename +
                              R"(","status":"on-time","round":{"number":812}}]}})");
    }
    SubmissionResult submit(SubmitOptions options) {
        options.predictions = predictions();
        if (options.round == 0) {
            options.round = 812;
        }
        options.receipts = folder_ / "receipts";
        return submit_predictions(api_, http_, retrier_, test::constant(0.5), options);
    }
    void answer_a_whole_submission(const std::string& id) {
        answer_an_upload();
        answer_created(id);
        answer_listed(kUploaded, id);
    }
    [[nodiscard]] std::optional<Receipt> receipt() const {
        return read_receipt(receipt_path(folder_ / "receipts", 812, "u1"));
    }
};

TEST_F(SubmitTest, GoesFromTheNameToAVerifiedSubmission) {
    answer_models();
    answer_auth();
    http_.answer(200, "");
    answer_created("sub-1");
    answer_listed(kUploaded, "sub-1");
    const auto result = submit({.model_name = "two", .trigger_id = "t1", .compute_id = "c1"});
    EXPECT_EQ(result.round, 812);
    EXPECT_EQ(result.model, "two");
    EXPECT_EQ(result.model_id, "u2");
    EXPECT_EQ(result.submission_id, "sub-1");
    EXPECT_EQ(result.status, "on-time");
    EXPECT_THAT(result.sha256, SizeIs(64));
    EXPECT_TRUE(http_.exhausted());

    const auto& sent = http_.sent();
    EXPECT_THAT(sent[1].body, HasSubstr(R"("filename":"erawise-812-two-80000000.csv")"));
    EXPECT_THAT(sent[3].body, AllOf(HasSubstr(R"("triggerId":"t1")"),
                                    HasSubstr(R"("filename":"server-name.csv")"),
                                    HasSubstr(R"("modelId":"u2")")));
}

TEST_F(SubmitTest, TheUploadIsTheFileAndCarriesNoKey) {
    answer_auth();
    http_.answer(200, "");
    answer_created("sub-1");
    answer_listed(kUploaded, "sub-1");
    submit({.model_id = "u1", .compute_id = "c1"});
    const auto& put = http_.sent()[1];
    EXPECT_EQ(put.method, HttpMethod::put);
    EXPECT_EQ(put.body, kCsv);
    EXPECT_EQ(put.authorization, "");
    ASSERT_THAT(put.headers, SizeIs(1));
    EXPECT_EQ(put.headers[0].name, "x_compute_id");
    EXPECT_EQ(put.headers[0].value, "c1");
    EXPECT_EQ(http_.sent()[2].authorization, "Token P$S");
}

TEST_F(SubmitTest, AModelIdSparesTheLookUp) {
    answer_auth();
    http_.answer(200, "");
    answer_created("sub-1");
    answer_listed(kUploaded, "sub-1");
    EXPECT_EQ(submit({.model_id = "u9"}).model, "u9");
    EXPECT_EQ(http_.count("account"), 0);
    EXPECT_THAT(http_.sent()[1].headers, IsEmpty());
}

TEST_F(SubmitTest, AnUnknownNameListsTheNamesThereAre) {
    answer_models();
    const auto message = expect_error(ErrorKind::rejected, [&] { submit({.model_name = "tow"}); });
    EXPECT_THAT(message, AllOf(HasSubstr("no model 'tow'"), HasSubstr("it has: one, two")));
}

TEST_F(SubmitTest, AnInvalidFileSendsNothing) {
    csv_ = "id,prediction\nn1,0.5\nn1,0.6\n";
    expect_error(ErrorKind::rejected, [&] { submit({.model_id = "u1"}); });
    EXPECT_THAT(http_.sent(), IsEmpty());
}

TEST_F(SubmitTest, AComputeIdWithALineBreakSendsNothing) {
    expect_error(ErrorKind::usage, [&] { submit({.model_id = "u1", .compute_id = "c\r\nx: y"}); });
    EXPECT_THAT(http_.sent(), IsEmpty());
}

TEST_F(SubmitTest, ARefusedUploadIsAuthorisedAgain) {
    answer_auth("https://store.example/expired");
    http_.answer(403, "<Error/>");
    answer_auth("https://store.example/fresh");
    http_.answer(200, "");
    answer_created("sub-1");
    answer_listed(kUploaded, "sub-1");
    submit({.model_id = "u1"});
    EXPECT_EQ(http_.sent()[3].url, "https://store.example/fresh");
    EXPECT_EQ(http_.sent()[3].body, kCsv);
}

TEST_F(SubmitTest, ACreationThatTellsNoIdIsLookedUpAndNotRepeated) {
    answer_an_upload();
    http_.answer(200, R"({"data":{"answer":{"id":null}}})");
    answer_listed(kUploaded, "sub-1");
    answer_listed(kUploaded, "sub-1");
    EXPECT_EQ(submit({.model_id = "u1"}).submission_id, "sub-1");
    EXPECT_EQ(http_.count("createSubmission"), 1);
}

TEST_F(SubmitTest, AListWithoutFileNamesVerifiesById) {
    answer_an_upload();
    answer_created("sub-1");
    http_.answer(200, R"({"data":{"answer":[{"id":"other","status":"late"},
        {"id":"sub-1","status":"on-time"}]}})");
    EXPECT_EQ(submit({.model_id = "u1"}).status, "on-time");
}

TEST_F(SubmitTest, AModelWhoseIdIsNotToldSendsNothing) {
    http_.answer(200, R"({"data":{"answer":{"models":[{"id":null,"name":"one"}]}}})");
    const auto message = expect_error(ErrorKind::rejected, [&] { submit({.model_name = "one"}); });
    EXPECT_THAT(message, AllOf(HasSubstr("account.models.id"), HasSubstr("set MODEL_ID")));
    EXPECT_THAT(http_.sent(), SizeIs(1));
}

TEST_F(SubmitTest, AnUploadThatWasTooSlowIsAuthorisedAgain) {
    answer_auth("https://store.example/slow");
    http_.answer(400, "<Error><Code>RequestTimeout</Code></Error>");
    answer_a_whole_submission("sub-1");
    EXPECT_EQ(submit({.model_id = "u1"}).submission_id, "sub-1");
}

TEST_F(SubmitTest, AnUploadThatFailsIsNotCreated) {
    for (int i = 0; i < 3; ++i) {
        answer_auth();
        http_.answer(400, "<Error/>");
    }
    const auto message = expect_error(ErrorKind::rejected, [&] { submit({.model_id = "u1"}); });
    EXPECT_THAT(message, AllOf(HasSubstr("HTTP 400"), Not(HasSubstr("secret"))));
    EXPECT_EQ(http_.count("createSubmission"), 0);
}

TEST_F(SubmitTest, ALostAnswerDoesNotCreateTwice) {
    answer_auth();
    http_.answer(200, "");
    http_.lose_answer();
    answer_listed(kUploaded, "sub-1");
    answer_listed(kUploaded, "sub-1");
    EXPECT_EQ(submit({.model_id = "u1"}).submission_id, "sub-1");
    EXPECT_EQ(http_.count("createSubmission"), 1);
}

TEST_F(SubmitTest, ALostRequestIsCreatedAgain) {
    answer_auth();
    http_.answer(200, "");
    http_.lose_answer();
    answer_listed("another.csv", "sub-0");
    answer_created("sub-1");
    answer_listed(kUploaded, "sub-1");
    EXPECT_EQ(submit({.model_id = "u1"}).submission_id, "sub-1");
    EXPECT_EQ(http_.count("createSubmission"), 2);
}

TEST_F(SubmitTest, TheListIsAskedOnceMoreBeforeGivingUp) {
    answer_auth();
    http_.answer(200, "");
    http_.answer(429, "", {{"Retry-After", "3600"}});
    answer_listed(kUploaded, "sub-1");
    answer_listed(kUploaded, "sub-1");
    EXPECT_EQ(submit({.model_id = "u1"}).submission_id, "sub-1");
}

TEST_F(SubmitTest, AListWithoutFileNamesIsReadByTheTrigger) {
    answer_auth();
    http_.answer(200, "");
    http_.lose_answer();
    for (int i = 0; i < 2; ++i) {
        http_.answer(200, R"({"data":{"answer":[{"id":"sub-0","triggerId":"t0"},
            {"id":"sub-1","triggerId":"t1"}]}})");
    }
    EXPECT_EQ(submit({.model_id = "u1", .trigger_id = "t1"}).submission_id, "sub-1");
    EXPECT_EQ(http_.count("createSubmission"), 1);
}

TEST_F(SubmitTest, TheSameContentIsNotSentTwice) {
    answer_a_whole_submission("sub-1");
    const auto first = submit({.model_id = "u1"});
    EXPECT_EQ(static_cast<int>(first.outcome), static_cast<int>(Outcome::accepted));
    const std::size_t sent = http_.sent().size();
    const auto again = submit({.model_id = "u1"});
    EXPECT_EQ(static_cast<int>(again.outcome), static_cast<int>(Outcome::unchanged));
    EXPECT_EQ(again.submission_id, "sub-1");
    EXPECT_EQ(again.sha256, first.sha256);
    EXPECT_EQ(http_.sent().size(), sent);
}

TEST_F(SubmitTest, OtherContentRoundModelOrForceIsSent) {
    answer_a_whole_submission("sub-1");
    submit({.model_id = "u1"});
    answer_a_whole_submission("sub-2");
    EXPECT_EQ(submit({.model_id = "u1", .repeat = Repeat::force}).submission_id, "sub-2");
    answer_a_whole_submission("sub-3");
    EXPECT_EQ(submit({.model_id = "u1", .round = 813}).submission_id, "sub-3");
    answer_a_whole_submission("sub-4");
    EXPECT_EQ(submit({.model_name = "u1", .model_id = "u2"}).submission_id, "sub-4");
    csv_ = "id,prediction\nn1,0.25\nn2,0.5\n";
    answer_a_whole_submission("sub-5");
    EXPECT_EQ(submit({.model_id = "u1"}).submission_id, "sub-5");
}

TEST_F(SubmitTest, AReceiptIsThereBeforeTheCreation) {
    answer_auth();
    http_.answer(200, "");
    answer_error("You must provide predictions for the current live IDs.");
    expect_error(ErrorKind::rejected, [&] { submit({.model_id = "u1"}); });
    ASSERT_TRUE(receipt());
    EXPECT_EQ(static_cast<int>(receipt()->state), static_cast<int>(ReceiptState::begun));
    EXPECT_EQ(receipt()->filename, kUploaded);
}

TEST_F(SubmitTest, WhatAnInterruptedRunCreatedIsFoundAgain) {
    answer_a_whole_submission("sub-1");
    submit({.model_id = "u1"});
    Receipt begun = receipt().value();
    begun.state = ReceiptState::begun;
    begun.submission_id = "";
    write_receipt(receipt_path(folder_ / "receipts", 812, "u1"), begun);
    answer_listed(kUploaded, "sub-1");
    EXPECT_EQ(submit({.model_id = "u1"}).submission_id, "sub-1");
    EXPECT_EQ(http_.count("createSubmission"), 1);
    EXPECT_EQ(static_cast<int>(receipt()->state), static_cast<int>(ReceiptState::accepted));

    write_receipt(receipt_path(folder_ / "receipts", 812, "u1"), begun);
    answer_listed("another.csv", "sub-0");
    answer_a_whole_submission("sub-2");
    EXPECT_EQ(submit({.model_id = "u1"}).submission_id, "sub-2");
}

TEST_F(SubmitTest, ANewTriggerGetsASubmissionOfItsOwn) {
    answer_a_whole_submission("sub-1");
    submit({.model_id = "u1"});
    answer_a_whole_submission("sub-2");
    EXPECT_EQ(submit({.model_id = "u1", .trigger_id = "t1"}).submission_id, "sub-2");
    EXPECT_EQ(submit({.model_id = "u1", .trigger_id = "t1"}).outcome, Outcome::unchanged);
    EXPECT_EQ(submit({.model_id = "u1"}).outcome, Outcome::unchanged);
    answer_a_whole_submission("sub-3");
    EXPECT_EQ(submit({.model_id = "u1", .trigger_id = "t2"}).submission_id, "sub-3");
}

TEST_F(SubmitTest, ASubmissionThatIsListedAsFailedIsAnErrorAndNoReceipt) {
    answer_an_upload();
    answer_created("sub-1");
    http_.answer(200, std::string(R"({"data":{"answer":[{"id":"sub-1","filename":")") + kUploaded +
                          R"(","status":"failed","round":{"number":812}}]}})");
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { submit({.model_id = "u1"}); }),
                AllOf(HasSubstr("sub-1"), HasSubstr("failed")));
    EXPECT_FALSE(receipt());
}

TEST_F(SubmitTest, AReceiptThatCannotBeWrittenDoesNotStopTheRound) {
    folder_.write("receipts", "a file in the place of the folder");
    answer_a_whole_submission("sub-1");
    EXPECT_EQ(submit({.model_id = "u1"}).submission_id, "sub-1");
}

TEST_F(SubmitTest, ADamagedReceiptIsNone) {
    for (const char* const text : {"", "{", "[]", R"({"round":812})"}) {
        std::filesystem::create_directories(folder_ / "receipts");
        folder_.write("receipts/812-u1.json", text);
        EXPECT_FALSE(receipt()) << text;
    }
}

TEST_F(SubmitTest, TheKeysScopesAreKnownBeforehand) {
    const auto check = [&](const char* scopes, ModelLookUp look_up) {
        http_.answer(200, std::string(R"({"data":{"answer":{"scopes":)") + scopes + "}}}");
        require_scopes(check_key(api_, look_up));
    };
    check(R"(["upload_submission","read_user_info"])", ModelLookUp::by_name);
    check(R"(["upload_submission"])", ModelLookUp::by_id);
    const auto message =
        expect_error(ErrorKind::rejected, [&] { check(R"(["stake"])", ModelLookUp::by_name); });
    EXPECT_THAT(message, AllOf(HasSubstr("lacks the scope upload_submission and read_user_info"),
                               HasSubstr("create a new one")));
    http_.answer(200, R"({"data":{"answer":null}})");
    EXPECT_FALSE(check_key(api_, ModelLookUp::by_name).known);
}

TEST_F(SubmitTest, AMissingScopeForTheListIsOnlyAWarning) {
    answer_auth();
    http_.answer(200, "");
    answer_created("sub-1");
    answer_error("Insufficient permission for read_submission_info");
    const auto result = submit({.model_id = "u1"});
    EXPECT_EQ(result.submission_id, "sub-1");
    EXPECT_EQ(result.status, "accepted");
}

TEST_F(SubmitTest, NumeraisRefusalIsFinal) {
    answer_auth();
    http_.answer(200, "");
    answer_error("You must provide predictions for the current live IDs.");
    const auto message = expect_error(ErrorKind::rejected, [&] { submit({.model_id = "u1"}); });
    EXPECT_THAT(message, HasSubstr("You must provide predictions for the current live IDs."));
    EXPECT_EQ(http_.count("createSubmission"), 1);
    EXPECT_TRUE(clock_.sleeps().empty());
}

TEST_F(SubmitTest, WithoutAnOpenRoundNothingIsUploaded) {
    answer_error("Current round not open for submissions");
    const auto path = folder_.write("p.csv", kCsv);
    expect_error(ErrorKind::rejected, [&] {
        submit_predictions(api_, http_, retrier_, test::constant(0.5),
                           {.predictions = path, .model_id = "u1"});
    });
    EXPECT_THAT(http_.sent(), SizeIs(1));
}

TEST(SubmissionFilename, IsUniqueAndPlain) {
    EXPECT_EQ(submission_filename(812, "my_model", 0x0badf00d),
              "erawise-812-my_model-0badf00d.csv");
    EXPECT_EQ(submission_filename(1, "../a b", 1), "erawise-1-___a_b-00000001.csv");
}

TEST(ModelName, AMessageNamesAtMostFiftyModels) {
    std::vector<transport::Model> models(70, {"m", "u"});
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { model_id_of(models, "x"); }),
                HasSubstr("and 20 more"));
    EXPECT_THAT(expect_error(ErrorKind::rejected, [] { model_id_of({}, "x"); }),
                HasSubstr("it has none"));
}

}  // namespace
}  // namespace erawise::submit
