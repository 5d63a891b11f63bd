#include "transport/diagnostics.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "support/expect_error.h"
#include "transport/api_test.h"
#include "transport/numerai_api.h"
#include "transport/numerai_operations.h"
#include "transport/operation_form.h"

namespace erawise::transport {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using util::ErrorKind;

std::optional<std::vector<Diagnostics>> parsed(std::string_view text) {
    return parse_diagnostics(nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false));
}

TEST(ParseDiagnostics, ReadsEveryField) {
    const auto runs = parsed(R"([{"id":"d-1","filename":"f.csv","status":"done",
        "message":"well","updatedAt":"2026-03-27T12:00:00Z","erasAcceptedCount":2,
        "trainedOnVal":false,"validationCorrMean":0.25,"examplePredsCorrMean":-1,
        "perEraDiagnostics":[{"era":"0575","validationCorr":0.5,"validationFeatureCorrMax":0.125},
                             {"era":576,"validationCorr":null}]}])");
    ASSERT_TRUE(runs);
    ASSERT_THAT(*runs, SizeIs(1));
    const Diagnostics& run = runs->front();
    EXPECT_EQ(run.id, "d-1");
    EXPECT_EQ(run.filename, "f.csv");
    EXPECT_EQ(run.status, "done");
    EXPECT_EQ(run.message, "well");
    EXPECT_EQ(run.updated_at, "2026-03-27T12:00:00Z");
    EXPECT_EQ(run.eras_accepted, 2);
    EXPECT_EQ(run.trained_on_validation, false);
    EXPECT_EQ(run.summary.front(), 0.25);
    EXPECT_EQ(run.summary.back(), -1.0);
    EXPECT_FALSE(run.summary[1]);
    ASSERT_THAT(run.eras, SizeIs(2));
    EXPECT_EQ(run.eras[0].era, "0575");
    EXPECT_EQ(run.eras[0].numbers.front(), 0.5);
    EXPECT_EQ(run.eras[0].numbers.back(), 0.125);
    EXPECT_EQ(run.eras[1].era, "576");
    EXPECT_FALSE(run.eras[1].numbers.front());
}

TEST(ParseDiagnostics, WhatIsMissingOrOfAnotherTypeIsLeftOut) {
    const auto runs = parsed(R"([null,{"id":7,"status":null,"erasAcceptedCount":"two",
        "trainedOnVal":"no","validationCorrMean":"0.1","perEraDiagnostics":[null,3]},{}])");
    ASSERT_TRUE(runs);
    ASSERT_THAT(*runs, SizeIs(2));
    const Diagnostics& run = runs->front();
    EXPECT_EQ(run.id, "7");
    EXPECT_EQ(run.status, "");
    EXPECT_FALSE(run.eras_accepted);
    EXPECT_FALSE(run.trained_on_validation);
    EXPECT_FALSE(run.summary.front());
    EXPECT_THAT(run.eras, IsEmpty());
}

TEST(ParseDiagnostics, NullAndAnEmptyListHoldNoRun) {
    for (const char* const text : {"null", "[]", "[null]"}) {
        const auto runs = parsed(text);
        ASSERT_TRUE(runs) << text;
        EXPECT_THAT(*runs, IsEmpty()) << text;
    }
}

TEST(ParseDiagnostics, AnotherFormIsNone) {
    for (const char* const text : {"", "{}", "7", "[7]", R"(["done"])", "[{]"}) {
        EXPECT_FALSE(parsed(text)) << text;
    }
}

TEST(DiagnosticsQuery, AsksForEveryFieldThatIsRead) {
    const std::string query =
        OperationForm(operations::kDiagnostics, Naming::camel_case).text(nlohmann::json::object());
    const std::string eras = query.substr(query.find("perEraDiagnostics"));
    for (const DiagnosticsField& field : kSummaryFields) {
        EXPECT_THAT(query, HasSubstr(std::string(field.field) + " "));
    }
    for (const DiagnosticsField& field : kEraFields) {
        EXPECT_THAT(eras, HasSubstr(std::string(field.field) + " "));
    }
}

class DiagnosticsApiTest : public test::ApiTest {
  protected:
    DiagnosticsApiTest() : ApiTest(60s, 0.5, "PUBLIC", "SECRET") {}
};

TEST_F(DiagnosticsApiTest, UploadAuthNamesFileTournamentAndModel) {
    http_.answer(200,
                 R"({"data":{"answer":{"filename":"s.csv","url":"https://store.example/p"}}})");
    const auto auth = api_.diagnostics_upload_auth("v.csv", "u1");
    EXPECT_EQ(auth.filename, "s.csv");
    EXPECT_EQ(auth.url, "https://store.example/p");
    EXPECT_THAT(http_.sent().front().body,
                AllOf(HasSubstr("diagnosticsUploadAuth("),
                      HasSubstr(R"({"filename":"v.csv","modelId":"u1","tournament":8})")));
    EXPECT_EQ(http_.sent().front().authorization, "Token PUBLIC$SECRET");
}

TEST_F(DiagnosticsApiTest, CreationIsOneTryThatIsNotResent) {
    http_.lose_answer();
    EXPECT_FALSE(api_.create_diagnostics("s.csv", "u1"));
    EXPECT_THAT(http_.sent(), SizeIs(1));
    EXPECT_EQ(static_cast<int>(http_.sent().front().resend), static_cast<int>(Resend::forbidden));
    http_.answer(200, R"({"data":{"answer":{"id":"d-1"}}})");
    EXPECT_EQ(api_.create_diagnostics("s.csv", "u1").value(), "d-1");
    http_.answer(200, R"({"data":{"answer":null}})");
    EXPECT_THAT(api_.create_diagnostics("s.csv", "u1").error().reason,
                HasSubstr("createDiagnostics holds no id"));
}

TEST_F(DiagnosticsApiTest, ARunIsFoundByItsId) {
    const auto answer = [&](const char* const list) {
        http_.answer(200, std::string(R"({"data":{"answer":)") + list + "}}");
        return api_.diagnostics("d-2", "u1");
    };
    EXPECT_EQ(answer(R"([{"id":"d-1"},{"id":"d-2","status":"done"}])")->status, "done");
    EXPECT_THAT(http_.sent().front().body, HasSubstr(R"({"id":"d-2","modelId":"u1"})"));
    EXPECT_FALSE(answer(R"([{"id":"d-1"}])"));
    EXPECT_FALSE(answer("null"));
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { answer("7"); }),
                HasSubstr("a form that this version does not know"));
}

TEST_F(DiagnosticsApiTest, TheListLeavesNumbersOut) {
    http_.answer(200, R"({"data":{"answer":[{"id":"d-1","filename":"a"},{"id":"d-2"}]}})");
    const auto runs = api_.diagnostics_list("u1");
    ASSERT_THAT(runs, SizeIs(2));
    EXPECT_EQ(runs[0].filename, "a");
    EXPECT_THAT(http_.sent().front().body,
                AllOf(HasSubstr(R"({"modelId":"u1"})"), Not(HasSubstr("perEraDiagnostics"))));
}

}  // namespace
}  // namespace erawise::transport
