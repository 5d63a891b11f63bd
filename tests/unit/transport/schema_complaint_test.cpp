#include "transport/schema_complaint.h"

#include <gtest/gtest.h>

namespace erawise::transport {
namespace {

using Kind = SchemaComplaint::Kind;

struct Case {
    const char* message;
    Kind kind;
    const char* name;
    const char* expected = "";
};

constexpr Case kCases[] = {
    {"Cannot query field 'closeTime' on type 'Round'.", Kind::unknown_field, "closeTime"},
    {"Cannot query field \"closeTime\" on type \"Round\". Did you mean \"openTime\"?",
     Kind::unknown_field, "closeTime"},
    {"Unknown argument 'source' on field 'Mutation.createSubmission'.", Kind::unknown_argument,
     "source"},
    {"Unknown argument \"source\" on field \"createSubmission\" of type \"RootMutationType\".",
     Kind::unknown_argument, "source"},
    {"Unknown type 'ID'.", Kind::unknown_type, "ID"},
    {"Unknown type \"ID\". Did you mean \"Int\"?", Kind::unknown_type, "ID"},
    {"Variable '$modelId' of type 'String' used in position expecting type 'ID!'.",
     Kind::variable_type, "modelId", "ID!"},
    {"Variable `$modelId` of type `String` found as input to argument of type `ID`.",
     Kind::variable_type, "modelId", "ID"},
    {"In operation `submit`, variable `$modelId` of type `String` found as input to argument of "
     "type `[ID!]`.",
     Kind::variable_type, "modelId", "[ID!]"},
    {"Field 'status' of type 'Status' must have a selection of subfields. Did you mean 'status { "
     "... }'?",
     Kind::selection_missing, "status"},
    {"Field \"status\" of type \"Status\" must have a sub selection.", Kind::selection_missing,
     "status"},
    {"Field \"round\" must not have a selection since type \"Int\" has no subfields.",
     Kind::selection_unwanted, "round"},
    {"Argument \"number\" has invalid value 0.\nExpected type \"String\", found 0.",
     Kind::argument_value, "number"},
    {"String cannot represent a non string value: 0", Kind::argument_value, ""},
    {"Expected value of type 'RoundNumber', found 0.", Kind::argument_value, ""},
};

TEST(SchemaComplaint, IsReadInTheWordsOfGraphqlCoreAndOfAbsinthe) {
    for (const Case& each : kCases) {
        const auto complaint = parse_complaint(each.message);
        ASSERT_TRUE(complaint) << each.message;
        EXPECT_EQ(complaint->kind, each.kind) << each.message;
        EXPECT_EQ(complaint->name, each.name) << each.message;
        EXPECT_EQ(complaint->expected, each.expected) << each.message;
    }
}

TEST(SchemaComplaint, IsNoOtherMessage) {
    for (const char* const message :
         {"", "Current round not open for submissions", "Insufficient permission for upload",
          "Cannot query field", "Unknown argument", "In field \"x\": Unknown field.",
          "Variable '$filename' got invalid value 8; the file's name is missing",
          "Field 'createSubmission' argument 'x' of type 'Y!' is required, but it was not "
          "provided.",
          "Unknown type 'unclosed", "invalid_submission_ids: Not enough stocks"}) {
        EXPECT_FALSE(parse_complaint(message)) << message;
    }
}

}  // namespace
}  // namespace erawise::transport
