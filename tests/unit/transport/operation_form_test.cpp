#include "transport/operation_form.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "transport/numerai_operations.h"

namespace erawise::transport {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const json kValues = {{"filename", "a.csv"}, {"tournament", 8}, {"modelId", "u1"}};

/// A form, and what a server says about it.
struct Dialogue {
    explicit Dialogue(const ApiOperation& operation) : form(operation, Naming::camel_case) {}

    Adaptation hear(const char* message) {
        Adaptation done;
        form.adapt(*parse_complaint(message), kValues, done);
        return done;
    }
    [[nodiscard]] std::string text() const { return form.text(kValues); }

    OperationForm form;
};

TEST(OperationForm, IsWrittenAsTheOfficialClientWritesIt) {
    const Dialogue create(operations::kCreateSubmission);
    EXPECT_EQ(create.text(),
              "mutation ($filename: String! $tournament: Int! $modelId: String $triggerId: String "
              "$dataDatestamp: Int) { answer: createSubmission(filename: $filename tournament: "
              "$tournament modelId: $modelId triggerId: $triggerId source: \"erawise\" "
              "dataDatestamp: $dataDatestamp) { id } }");
    EXPECT_EQ(create.form.variables(kValues),
              json::parse(R"({"filename":"a.csv","tournament":8,"modelId":"u1",
                              "triggerId":null,"dataDatestamp":null})"));
    EXPECT_EQ(Dialogue(operations::kDataset).text(),
              "query ($filename: String! $round: Int $tournament: Int) { answer: dataset(filename: "
              "$filename round: $round tournament: $tournament) }");
    EXPECT_EQ(Dialogue(operations::kAccount).text(),
              "query { answer: account { models { id name tournament } } }");
}

TEST(OperationForm, AProbeIsRefusedAndSkippedWhateverTheSchemaKnows) {
    EXPECT_EQ(Dialogue(operations::kAccount).form.probe({}),
              "query { answer: account @skip(if: true) { models { id name tournament } } "
              "erawiseAsksForTheShapeOnly }");
}

TEST(OperationForm, AnUnknownFieldIsRespelledThenLeftOut) {
    Dialogue rounds(operations::kRounds);
    EXPECT_THAT(rounds.hear("Cannot query field 'closeTime' on type 'Round'.").left_out, IsEmpty());
    EXPECT_THAT(rounds.text(), HasSubstr(" closeTime: close_time "));
    EXPECT_THAT(rounds.hear("Cannot query field 'close_time' on type 'Round'.").left_out,
                ElementsAre("rounds.closeTime"));
    EXPECT_THAT(rounds.text(), Not(HasSubstr("close_time")));
    EXPECT_FALSE(rounds.hear("Cannot query field 'close_time' on type 'Round'.").changed);
}

TEST(OperationForm, AnUnknownArgumentTakesItsVariableWithIt) {
    Dialogue create(operations::kCreateSubmission);
    create.hear("Unknown argument 'dataDatestamp' on field 'Mutation.createSubmission'.");
    EXPECT_THAT(create.text(), HasSubstr("data_datestamp: $dataDatestamp"));
    EXPECT_THAT(
        create.hear("Unknown argument 'data_datestamp' on field 'Mutation.createSubmission'.")
            .left_out,
        ElementsAre("createSubmission(dataDatestamp)"));
    EXPECT_THAT(create.text(), Not(HasSubstr("atestamp")));
    EXPECT_FALSE(create.form.variables(kValues).contains("dataDatestamp"));
    EXPECT_FALSE(create.form.asks_with("dataDatestamp"));
}

TEST(OperationForm, WhatIsEssentialIsMissed) {
    Dialogue create(operations::kCreateSubmission);
    EXPECT_EQ(create.hear("Unknown argument 'filename' on field 'x'.").missing,
              "createSubmission(filename)");
    Dialogue account(operations::kAccount);
    EXPECT_EQ(account.hear("Cannot query field 'id' on type 'Model'.").missing,
              "account.models.id");
    Dialogue auth(operations::kSubmissionUploadAuth);
    auth.hear("Cannot query field 'submissionUploadAuth' on type 'Query'.");
    EXPECT_THAT(auth.text(), HasSubstr("answer: submission_upload_auth("));
    EXPECT_EQ(auth.hear("Cannot query field 'submission_upload_auth' on type 'Query'.").missing,
              "submissionUploadAuth");
}

TEST(OperationForm, AnEssentialArgumentWithoutAValueIsNone) {
    Dialogue create(operations::kCreateSubmission);
    create.hear("Unknown argument 'dataDatestamp' on field 'x'.");
    const json delayed = {
        {"filename", "a.csv"}, {"tournament", 8}, {"modelId", "u1"}, {"dataDatestamp", 20260327}};
    Adaptation done;
    create.form.adapt(*parse_complaint("Unknown argument 'data_datestamp' on field 'x'."), delayed,
                      done);
    EXPECT_EQ(done.missing, "createSubmission(dataDatestamp)");
}

TEST(OperationForm, AnObjectGoesWithTheFieldThatItIsOfNoUseWithout) {
    Dialogue list(operations::kSubmissions);
    EXPECT_THAT(list.hear("Cannot query field 'number' on type 'Round'.").left_out,
                ElementsAre("submissions.round.number"));
    EXPECT_THAT(list.text(), Not(HasSubstr("round")));
}

TEST(OperationForm, AnAnswerOfWhichNothingIsLeftIsStillOne) {
    Dialogue create(operations::kCreateSubmission);
    create.hear("Cannot query field 'id' on type 'V2Submission'.");
    EXPECT_THAT(create.text(), HasSubstr("{ __typename }"));
    create.hear(
        "Field 'createSubmission' must not have a selection since type 'ID' has no "
        "subfields.");
    EXPECT_THAT(create.text(), HasSubstr("dataDatestamp: $dataDatestamp) }"));
}

TEST(OperationForm, AVariableIsDeclaredAsItIsExpected) {
    Dialogue auth(operations::kSubmissionUploadAuth);
    auth.hear("Variable '$tournament' of type 'Int!' used in position expecting type 'String!'.");
    auth.hear("Variable '$modelId' of type 'String' used in position expecting type 'UUID!'.");
    EXPECT_THAT(auth.text(),
                HasSubstr("($filename: String! $tournament: String! $modelId: UUID!)"));
    EXPECT_EQ(auth.form.variables(kValues)["tournament"], "8");
    EXPECT_THAT(
        auth.hear("Variable '$filename' of type 'String!' used in position expecting type 'Int'.")
            .left_out,
        ElementsAre("submissionUploadAuth(filename)"));
}

TEST(OperationForm, NullIsNotSentWhereAValueIsWanted) {
    Dialogue create(operations::kCreateSubmission);
    EXPECT_THAT(
        create.hear("Variable '$triggerId' of type 'String' used in position expecting type 'ID!'.")
            .left_out,
        ElementsAre("createSubmission(triggerId)"));
}

TEST(OperationForm, AValueOfATypeThatNobodyNamesStandsInTheOperation) {
    Dialogue auth(operations::kSubmissionUploadAuth);
    auth.hear("Unknown type 'Int'.");
    EXPECT_THAT(auth.text(), HasSubstr("($filename: String! $modelId: String)"));
    EXPECT_THAT(auth.text(), HasSubstr("tournament: 8 "));
    auth.hear("String cannot represent a non string value: 8");
    EXPECT_THAT(auth.text(), HasSubstr("tournament: \"8\" "));
    EXPECT_THAT(auth.hear("Argument \"tournament\" has invalid value \"8\".").left_out,
                ElementsAre("submissionUploadAuth(tournament)"));
}

TEST(OperationForm, AConstantIsWrittenInTheOtherWayThenLeftOut) {
    Dialogue rounds(operations::kRounds);
    rounds.hear("String cannot represent a non string value: 0");
    EXPECT_THAT(rounds.text(), HasSubstr("number: \"0\")"));
    EXPECT_THAT(rounds.hear("Int cannot represent non-integer value: \"0\"").left_out,
                ElementsAre("rounds(number)"));
}

TEST(OperationForm, ATextOfTheUsersCannotLeaveItsQuotes) {
    Dialogue auth(operations::kDataset);
    auth.hear("Unknown type 'String'.");
    EXPECT_THAT(auth.form.text({{"filename", "a\") { x } #\n\\"}}),
                HasSubstr(R"(filename: "a\") { x } #\n\\" )"));
}

TEST(OperationForm, NeedsOfAPathAreThoseOfItsWeakestField) {
    const Dialogue list(operations::kSubmissions);
    EXPECT_EQ(list.form.need_of(std::vector<std::string>{"round", "number"}), Need::wanted);
    const Dialogue account(operations::kAccount);
    EXPECT_EQ(account.form.need_of(std::vector<std::string>{"models", "id"}), Need::essential);
    EXPECT_EQ(account.form.need_of(std::vector<std::string>{"models", "tournament"}), Need::wanted);
    EXPECT_EQ(account.form.need_of({}), Need::essential);
}

/// A server can always complain; it must not be possible to go on for ever.
TEST(OperationForm, EveryOperationRunsOutOfForms) {
    for (const ApiOperation* const operation : operations::kAll) {
        Dialogue dialogue(*operation);
        int forms = 0;
        for (bool changed = true; changed; ++forms) {
            ASSERT_LT(forms, 100) << operation->root;
            changed = false;
            for (const Field& field : operation->fields) {
                for (const Naming naming : {Naming::camel_case, Naming::snake_case}) {
                    const std::string name = spelled(field.name, naming);
                    changed |=
                        dialogue.hear(("Cannot query field '" + name + "' on type 'T'.").c_str())
                            .changed;
                }
            }
            for (const Argument& argument : operation->arguments) {
                const std::string name(argument.name);
                changed |= dialogue
                               .hear(("Variable '$" + name +
                                      "' of type 'T' used in position expecting type 'U'.")
                                         .c_str())
                               .changed;
                changed |= dialogue.hear(("Argument \"" + name + "\" has invalid value 0.").c_str())
                               .changed;
            }
        }
    }
}

}  // namespace
}  // namespace erawise::transport
