#include "transport/numerai_api.h"

#include <gmock/gmock.h>

#include "support/expect_error.h"
#include "transport/api_test.h"
#include "transport/timestamp.h"

namespace erawise::transport {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using util::ErrorKind;

class NumeraiApiTest : public test::ApiTest {
  protected:
    NumeraiApiTest() : ApiTest(60s, 0.5, "PUBLIC", "SECRET") {}
};

TEST_F(NumeraiApiTest, CurrentRoundReadsNumberAndTimes) {
    http_.answer(200, R"({"data":{"answer":[{"number":812,"openTime":"2026-03-27T12:00:00Z",
        "closeStakingTime":"2026-03-27T13:00:00Z","closeTime":"2026-03-30T13:00:00Z",
        "dataDatestamp":20260326}]}})");
    const auto round = api_.current_round();
    ASSERT_TRUE(round);
    EXPECT_EQ(round->number, 812);
    EXPECT_EQ(round->data_datestamp, 20260326);
    EXPECT_TRUE(round->is_open_at(clock_.now()));
    EXPECT_FALSE(round->is_open_at(clock_.now() - 1s));
    EXPECT_FALSE(round->is_open_at(clock_.now() + 1h));
    EXPECT_EQ(format_iso_time(*round->close_time), "2026-03-30T13:00:00Z");
}

TEST_F(NumeraiApiTest, RoundsAskWithoutTheKey) {
    http_.answer(200, R"({"data":{"answer":[{"number":812}]}})");
    api_.current_round();
    ASSERT_THAT(http_.sent(), SizeIs(1));
    const auto& sent = http_.sent().front();
    EXPECT_EQ(sent.authorization, "");
    EXPECT_EQ(sent.url, "https://api.example");
    EXPECT_THAT(sent.body, AllOf(HasSubstr("rounds(tournament: $tournament number: 0)"),
                                 HasSubstr(R"("variables":{"tournament":8})")));
}

TEST_F(NumeraiApiTest, BetweenRoundsThereIsNone) {
    for (const char* const body :
         {R"({"errors":[{"message":"Current round not open for submissions"}],"data":null})",
          R"({"errors":{"detail":"Current round not open for submissions"}})",
          R"({"data":{"answer":null}})", R"({"data":{"answer":[null]}})",
          R"({"data":{"answer":[]}})"}) {
        http_.answer(200, body);
        EXPECT_FALSE(api_.current_round()) << body;
    }
    http_.answer(400, R"({"errors":[{"message":"Current round not open for submissions"}]})");
    EXPECT_FALSE(api_.dataset_url("v5.3/live.parquet"));
    EXPECT_TRUE(clock_.sleeps().empty());
}

TEST_F(NumeraiApiTest, DatasetUrlSendsTheName) {
    http_.answer(200, R"({"data":{"answer":"https://store.example/k?s=1"}})");
    EXPECT_EQ(api_.dataset_url("v5.3/live.parquet"), "https://store.example/k?s=1");
    EXPECT_THAT(http_.sent().front().body,
                HasSubstr(R"({"filename":"v5.3/live.parquet","round":null,"tournament":8})"));
}

TEST_F(NumeraiApiTest, ListsDatasets) {
    http_.answer(200, R"({"data":{"answer":["v5.3/live.parquet","v5.3/train.parquet"]}})");
    EXPECT_THAT(api_.list_datasets().value(),
                ElementsAre("v5.3/live.parquet", "v5.3/train.parquet"));
}

TEST_F(NumeraiApiTest, ModelsAreThoseOfTheClassicTournament) {
    http_.answer(200, R"({"data":{"answer":{"models":[
        {"id":"u1","name":"one","tournament":8},{"id":"u2","name":"signals","tournament":11}]}}})");
    const auto models = api_.models();
    ASSERT_THAT(models, SizeIs(1));
    EXPECT_EQ(models[0].name, "one");
    EXPECT_EQ(models[0].id, "u1");
    EXPECT_EQ(http_.sent().front().authorization, "Token PUBLIC$SECRET");
}

TEST_F(NumeraiApiTest, TokenInfoTellsTheScopes) {
    http_.answer(200, R"({"data":{"answer":{"accountUsername":"me","name":"key",
        "publicId":"P","scopes":["upload_submission"]}}})");
    const auto info = api_.api_token_info();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->account, "me");
    EXPECT_THAT(info->scopes, ElementsAre("upload_submission"));
}

TEST_F(NumeraiApiTest, ATokenQuestionThatTheApiDoesNotKnowTellsNothing) {
    for (int i = 0; i < 2; ++i) {
        http_.answer(200, R"({"errors":[{"message":"Cannot query field \"apiTokenInfo\""}]})");
    }
    http_.answer(200, R"({"data":{"answer":null}})");
    EXPECT_FALSE(api_.api_token_info());
    EXPECT_FALSE(api_.api_token_info());
}

TEST_F(NumeraiApiTest, TheServersClockIsUsedWhereThisOneIsWrong) {
    const auto answer_at = [&](const char* date) {
        http_.answer(200, R"({"data":{"answer":[]}})", {{"Date", date}});
        api_.list_datasets();
    };
    answer_at("Fri, 27 Mar 2026 12:00:03 GMT");
    EXPECT_EQ(api_.clock_offset(), 0s);
    answer_at("Fri, 27 Mar 2026 14:00:00 GMT");
    EXPECT_EQ(api_.clock_offset(), 2h);
    EXPECT_EQ(api_.server_now(), clock_.now() + 2h);
    answer_at("Fri, 27 Mar 2026 11:00:00 GMT");
    EXPECT_EQ(api_.clock_offset(), -1h);
    answer_at("no date");
    EXPECT_EQ(api_.clock_offset(), -1h);
}

TEST_F(NumeraiApiTest, UploadAuthAndCreateDeclareVariablesAsTheOfficialClient) {
    http_.answer(200, R"({"data":{"answer":{"filename":"server.csv","url":"https://s/x?q"}}})");
    http_.answer(200, R"({"data":{"answer":{"id":"sub-1"}}})");
    const auto auth = api_.upload_auth("a.csv", "u1");
    EXPECT_EQ(auth.filename, "server.csv");
    EXPECT_EQ(api_.create_submission({.filename = auth.filename, .model_id = "u1"}), "sub-1");
    const auto& sent = http_.sent();
    EXPECT_THAT(sent[0].body,
                HasSubstr("query ($filename: String! $tournament: Int! $modelId: String)"));
    EXPECT_THAT(sent[1].body, HasSubstr("mutation ($filename: String! $tournament: Int! $modelId: "
                                        "String $triggerId: String $dataDatestamp: Int)"));
    EXPECT_THAT(sent[1].body,
                HasSubstr(R"({"dataDatestamp":null,"filename":"server.csv","modelId":"u1",)"
                          R"("tournament":8,"triggerId":null})"));
    EXPECT_EQ(sent[0].resend, Resend::allowed);
    EXPECT_EQ(sent[1].resend, Resend::forbidden);
}

TEST_F(NumeraiApiTest, SubmissionsTolerateMissingFields) {
    http_.answer(200, R"({"data":{"answer":[{"id":"1","filename":"a.csv","status":"on-time",
        "triggerId":null,"round":{"number":812}},{"id":2,"filename":null,"round":null}]}})");
    const auto list = api_.submissions("u1");
    ASSERT_THAT(list, SizeIs(2));
    EXPECT_EQ(list[0].round, 812);
    EXPECT_EQ(list[0].status, "on-time");
    EXPECT_EQ(list[1].id, "2");
    EXPECT_EQ(list[1].filename, "");
}

TEST_F(NumeraiApiTest, AnUnknownNameIsSentOnceMoreInSnakeCase) {
    http_.answer(200, R"({"errors":[{"message":
        "Cannot query field \"submissionUploadAuth\" on type \"RootQueryType\"."}]})");
    http_.answer(200, R"({"data":{"answer":{"filename":"a.csv","url":"https://s/x"}}})");
    http_.answer(200, R"({"data":{"answer":{"id":"1"}}})");
    api_.upload_auth("a.csv", "u1");
    EXPECT_THAT(http_.sent()[0].body, HasSubstr("answer: submissionUploadAuth("));
    EXPECT_THAT(http_.sent()[1].body, HasSubstr("answer: submission_upload_auth("));

    std::ignore = api_.create_submission({.filename = "a.csv", .model_id = "u1"});
    EXPECT_THAT(http_.sent()[2].body, HasSubstr("answer: create_submission("));
}

TEST_F(NumeraiApiTest, AnUnknownNameInBothSpellingsIsRefused) {
    for (int i = 0; i < 2; ++i) {
        http_.answer(200, R"({"errors":[{"message":
            "Cannot query field 'submissionUploadAuth' on type 'Query'."}]})");
    }
    expect_error(ErrorKind::rejected, [&] { api_.upload_auth("a.csv", "u1"); });
    EXPECT_THAT(http_.sent(), SizeIs(2));
}

TEST_F(NumeraiApiTest, WhatTheSchemaDoesNotKnowIsLeftOutFromThenOn) {
    http_.answer(200, R"({"errors":[{"message":"Cannot query field 'dataDatestamp' on type 'R'."},
        {"message":"Unknown argument 'number' on field 'Query.rounds'."}]})");
    http_.answer(200,
                 R"({"errors":[{"message":"Cannot query field 'data_datestamp' on type 'R'."}]})");
    for (int i = 0; i < 2; ++i) {
        http_.answer(200, R"({"data":{"answer":[
            {"number":810,"openTime":"2026-03-25T12:00:00Z"},
            {"number":811,"openTime":"2026-03-26T12:00:00Z"},
            {"number":812,"openTime":"2126-03-27T12:00:00Z"}]}})");
        const auto round = api_.current_round();
        ASSERT_TRUE(round);
        EXPECT_EQ(round->number, 811);  // without its argument the answer holds all rounds
    }
    ASSERT_THAT(http_.sent(), SizeIs(4));
    EXPECT_THAT(http_.sent()[2].body, Not(HasSubstr("atestamp")));
    EXPECT_EQ(http_.sent()[2].body, http_.sent()[3].body);
}

TEST_F(NumeraiApiTest, WithoutAnythingAboutRoundsOneMayBeOpen) {
    for (int i = 0; i < 2; ++i) {
        http_.answer(200, R"({"errors":[{"message":"Cannot query field 'rounds' on type 'Q'."}]})");
    }
    const auto round = api_.current_round();
    ASSERT_TRUE(round);
    EXPECT_EQ(round->number, 0);
    EXPECT_TRUE(round->is_open_at(clock_.now()));
}

TEST_F(NumeraiApiTest, WordsOfAResolverAreNoComplaintAboutTheSchema) {
    http_.answer(200, R"({"data":{"answer":null},"errors":[
        {"message":"Unknown argument \"filename\"","path":["answer"]}]})");
    expect_error(ErrorKind::rejected, [&] {
        std::ignore = api_.create_submission({.filename = "a.csv", .model_id = "u1"});
    });
    EXPECT_THAT(http_.sent(), SizeIs(1));
}

TEST_F(NumeraiApiTest, AnErrorInAFieldThatIsNiceToHaveLeavesTheAnswer) {
    http_.answer(200, R"({"data":{"answer":{"models":[{"id":"u1","name":"one","tournament":null}]}},
        "errors":[{"message":"boom","path":["answer","models",0,"tournament"]}]})");
    EXPECT_THAT(api_.models(), SizeIs(1));
    http_.answer(200, R"({"data":{"answer":{"models":[{"id":null,"name":"one"}]}},
        "errors":[{"message":"boom","path":["answer","models",0,"id"]}]})");
    const auto message = expect_error(ErrorKind::rejected, [&] { api_.models(); });
    EXPECT_THAT(message, HasSubstr("refused account: models.id: boom"));
}

TEST_F(NumeraiApiTest, ACreationWithoutAnIdIsOne) {
    http_.answer(200, R"({"data":{"answer":{"id":null}}})");
    EXPECT_EQ(api_.create_submission({.filename = "a.csv", .model_id = "u1"}), "");
    http_.answer(200, R"({"data":{"answer":null}})");
    EXPECT_FALSE(api_.create_submission({.filename = "a.csv", .model_id = "u1"}));
}

TEST_F(NumeraiApiTest, AnUploadWithoutTheServersNameIsCalledAsInItsAddress) {
    http_.answer(200, R"({"data":{"answer":{"filename":null,"url":"https://s/b/k-7.csv?s=1"}}})");
    EXPECT_EQ(api_.upload_auth("a.csv", "u1").filename, "k-7.csv");
    http_.answer(200, R"({"data":{"answer":{"filename":"k","url":null}}})");
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { api_.upload_auth("a.csv", "u1"); }),
                HasSubstr("it has no url"));
}

TEST_F(NumeraiApiTest, NumbersMayComeAsText) {
    http_.answer(200, R"({"data":{"answer":[{"number":"812","dataDatestamp":"20260326"}]}})");
    EXPECT_EQ(api_.current_round()->data_datestamp, 20260326);
    http_.answer(200, R"({"data":{"answer":{"models":[
        {"id":1,"name":"one","tournament":"8"},{"id":"u2","name":"two","tournament":"11"}]}}})");
    EXPECT_THAT(api_.models(), SizeIs(1));
    for (const char* const scopes : {"null", "[null]", "[1]", "{}"}) {
        http_.answer(200, R"({"data":{"answer":{"scopes":)" + std::string(scopes) + "}}}");
        EXPECT_FALSE(api_.api_token_info()) << scopes;
    }
}

TEST_F(NumeraiApiTest, ASchemaThatIsRightIsFoundToBe) {
    for (int i = 0; i < 12; ++i) {
        http_.answer(200, R"({"errors":[{"message":
            "Cannot query field 'erawiseAsksForTheShapeOnly' on type 'Query'."}]})");
    }
    for (const SchemaDrift& drift : api_.examine_schema()) {
        EXPECT_TRUE(drift.is_known);
        EXPECT_EQ(drift.missing + drift.refusal, "");
        EXPECT_THAT(drift.left_out, IsEmpty());
    }
    for (const auto& sent : http_.sent()) {
        EXPECT_THAT(sent.body, AllOf(HasSubstr("@skip(if: true)"), HasSubstr(" erawiseAsks")));
    }
}

TEST_F(NumeraiApiTest, AUrlInAnErrorKeepsItsQueryToItself) {
    http_.answer(200,
                 R"({"errors":[{"message":"bad value 'https://s/k?X-Amz-Signature=1' here"}]})");
    const auto message = expect_error(ErrorKind::rejected, [&] { api_.models(); });
    EXPECT_THAT(message, AllOf(HasSubstr("'https://s/k?...' here"), Not(HasSubstr("Signature"))));
}

TEST_F(NumeraiApiTest, InternalErrorsAreRepeated) {
    http_.answer(200, R"({"errors":[{"message":"Internal server error"}],"data":null})");
    http_.answer(500, R"({"errors":{"detail":"Internal Server Error"}})");
    http_.answer(200, R"({"data":null})");
    http_.answer(200, "<html>maintenance</html>", {{"Content-Type", "text/html"}});
    http_.answer(502, "<html>bad gateway</html>");
    http_.answer(429, R"({"errors":[{"message":"slow down"}]})", {{"Retry-After", "20"}});
    http_.lose_answer();
    http_.answer(200, R"({"data":{"answer":[]}})");
    EXPECT_THAT(api_.list_datasets().value(), IsEmpty());
    EXPECT_THAT(clock_.sleeps(), SizeIs(7));
    EXPECT_EQ(clock_.sleeps()[5], 20s);
}

TEST_F(NumeraiApiTest, AServerThatIsNotWellIsAskedAgainWhateverItsWords) {
    http_.answer(502, R"({"errors":{"detail":"Bad Gateway"}})");
    http_.answer(500, R"({"errors":[{"message":"no such model"}]})");
    expect_error(ErrorKind::rejected, [&] { api_.list_datasets(); });
    EXPECT_THAT(clock_.sleeps(), SizeIs(1));
}

TEST_F(NumeraiApiTest, AMissingScopeNamesTheScopeAndTheRemedy) {
    http_.answer(200, R"({"errors":[{"message":"Insufficient permission for read_user_info"}]})");
    const auto message = expect_error(ErrorKind::rejected, [&] { api_.models(); });
    EXPECT_THAT(message, AllOf(HasSubstr("the key lacks the scope read_user_info"),
                               HasSubstr("create a new one"), Not(HasSubstr("SECRET"))));
    EXPECT_THAT(http_.sent(), SizeIs(1));
}

TEST_F(NumeraiApiTest, AnInvalidKeyIsNotRepeated) {
    http_.answer(401, R"({"errors":[{"message":"Your session is invalid or has expired."}]})");
    const auto message = expect_error(ErrorKind::rejected, [&] { api_.models(); });
    EXPECT_THAT(message, HasSubstr("check NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY"));
}

TEST_F(NumeraiApiTest, ARefusedSubmissionKeepsNumeraisWords) {
    http_.answer(200, R"({"errors":[{"message":"invalid_submission_ids: Not enough stocks"}]})");
    const auto message = expect_error(ErrorKind::rejected, [&] {
        std::ignore = api_.create_submission({.filename = "a.csv", .model_id = "u1"});
    });
    EXPECT_THAT(message,
                HasSubstr("refused createSubmission: invalid_submission_ids: Not enough stocks"));
}

TEST_F(NumeraiApiTest, CreateIsTriedOnceByItself) {
    http_.lose_answer("connection reset by peer");
    const auto id = api_.create_submission({.filename = "a.csv", .model_id = "u1"});
    ASSERT_FALSE(id);
    EXPECT_EQ(id.error().reason, "connection reset by peer");
    EXPECT_THAT(http_.sent(), SizeIs(1));
}

TEST_F(NumeraiApiTest, ADataReleaseThatIsNotCompleteIsWorthAnotherTry) {
    http_.answer(200, R"({"errors":[{"message":"FileNotFoundError: numerai-datasets/x"}]})");
    EXPECT_FALSE(api_.create_submission({.filename = "a.csv", .model_id = "u1"}));
}

TEST_F(NumeraiApiTest, AnAnswerOfAnotherShapeIsNamed) {
    http_.answer(200, R"({"data":{"answer":{"models":[7]}}})");
    http_.answer(200, R"({"data":{"answer":7}})");
    const auto message = expect_error(ErrorKind::rejected, [&] { api_.models(); });
    EXPECT_THAT(message, HasSubstr("answered account in a form"));
    expect_error(ErrorKind::rejected, [&] { api_.current_round(); });
}

TEST_F(NumeraiApiTest, WithoutAKeyNothingIsSent) {
    NumeraiApi keyless(http_, retrier_, {.url = "https://api.example", .credentials = {}});
    const auto message = expect_error(ErrorKind::usage, [&] { keyless.models(); });
    EXPECT_THAT(message, HasSubstr("set NUMERAI_PUBLIC_ID"));
    EXPECT_THAT(http_.sent(), IsEmpty());
}

TEST_F(NumeraiApiTest, AnUnencryptedAddressIsRefusedBeforeTheKeyLeaves) {
    NumeraiApi api(http_, retrier_,
                   {.url = "http://api.example",
                    .credentials = Credentials{util::Secret("P"), util::Secret("S")}});
    expect_error(ErrorKind::usage, [&] { api.models(); });
    EXPECT_THAT(http_.sent(), IsEmpty());
}

TEST_F(NumeraiApiTest, APageThatIsNotTheApiIsReportedAtOnce) {
    http_.answer(404, "<html>not found</html>");
    const auto message = expect_error(ErrorKind::rejected, [&] { api_.list_datasets(); });
    EXPECT_THAT(message, AllOf(HasSubstr("HTTP 404"), HasSubstr("check the API's address")));
}

}  // namespace
}  // namespace erawise::transport
