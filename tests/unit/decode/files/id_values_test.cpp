#include "decode/files/id_values.h"

#include <fmt/format.h>

#include <cmath>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::decode {
namespace {

using test::expect_error;
using testing::AllOf;
using testing::HasSubstr;
using util::ErrorKind;

class IdValuesTest : public testing::Test {
  protected:
    std::filesystem::path file(const std::string& text) { return folder_.write("p.csv", text); }

    /// The value of an id in a file of two columns.
    double find(const std::string& text, std::string_view id) {
        return IdValues(file(text), {}).find(id);
    }
    std::string refusal(const std::string& text, std::string_view id) {
        return expect_error(ErrorKind::data, [&] { find(text, id); });
    }

    test::TemporaryFolder folder_;
};

TEST_F(IdValuesTest, TextMeansWhatItMeansInData) {
    EXPECT_EQ(find("\xEF\xBB\xBF\"id\",\"prediction\"\r\n\"a\",\" 0.25\"\r\n", "a"), 0.25);
    EXPECT_EQ(find("id,prediction\n\n\"a,\"\"b\",0.5 \n", "a,\"b"), 0.5);
    EXPECT_EQ(find("id,prediction\na,True\nb,False\n", "a"), 1.0);
    EXPECT_EQ(find(",prediction\na,0.5\n", "a"), 0.5);
    EXPECT_EQ(find("index,prediction\na,0.5\n", "a"), 0.5);
    EXPECT_EQ(find("id,prediction\na,1e-400\n", "a"), 0.0);
}

TEST_F(IdValuesTest, MissingValuesAreMissing) {
    for (const char* const text : {"", "NaN", "<NA>", "None", "#N/A", "-1.#IND", "null"}) {
        EXPECT_TRUE(std::isnan(find(fmt::format("id,prediction\na,{}\nb,1\n", text), "a"))) << text;
    }
}

TEST_F(IdValuesTest, WhatIsWrongIsADataErrorWithItsPlace) {
    EXPECT_THAT(refusal("id,prediction\na,inf\n", "a"),
                AllOf(HasSubstr("line 2"), HasSubstr("'prediction'"), HasSubstr("infinite")));
    EXPECT_THAT(refusal("id,prediction\na,0.5\nb,x\n", "b"),
                AllOf(HasSubstr("line 3"), HasSubstr("'x'")));
    EXPECT_THAT(refusal("id,prediction\na,0.5,1\n", "a"),
                AllOf(HasSubstr("line 2"), HasSubstr("3 fields, the header 2")));
    EXPECT_THAT(refusal("id,prediction\na\n", "a"),
                AllOf(HasSubstr("line 2"), HasSubstr("1 fields, the header 2")));
    EXPECT_THAT(refusal("id,prediction\nNA,0.5\n", "a"),
                AllOf(HasSubstr("line 2"), HasSubstr("no id")));
    EXPECT_THAT(refusal("", "a"), HasSubstr("the file is empty"));
    EXPECT_THAT(refusal("id,prediction\ra,0.5\r", "a"), HasSubstr("carriage returns"));
}

/// Asks for a, b and c in an order, and ends.
void ask(IdValues& values, std::string_view ids) {
    for (const char id : ids) {
        values.find(std::string_view(&id, 1));
    }
    values.finish();
}

TEST_F(IdValuesTest, ADuplicateIsNamedWithBothLinesWhereverItIs) {
    const std::string head = "id,prediction\n";
    for (const std::string text :
         {"a,1\na,2\nb,3\nc,4\n", "a,1\nb,2\nc,3\na,4\n", "a,1\nb,2\nc,3\nc,4\n",
          "b,1\na,2\nc,3\na,4\n", "a,1\nb,2\nc,3\nd,4\nd,5\n", "a,1\nb,2\nd,3\na,4\n"}) {
        for (const char* const order : {"abc", "a", "b", "cab", ""}) {
            IdValues values(file(head + text), {});
            EXPECT_THAT(
                expect_error(ErrorKind::data, [&] { ask(values, order); }),
                AllOf(HasSubstr("is there twice, in the lines"), HasSubstr("p.csv: the id '")))
                << text << order;
        }
    }
    IdValues values(file(head + "a,1\nb,2\nc,3\nb,4\n"), {});
    EXPECT_THAT(expect_error(ErrorKind::data, [&] { ask(values, "abc"); }),
                HasSubstr("the id 'b' is there twice, in the lines 3 and 5"));
}

TEST_F(IdValuesTest, UniqueIdsPassInAnyOrder) {
    for (const char* const order : {"abc", "a", "b", "cab", ""}) {
        IdValues values(file("id,prediction\na,1\nb,2\nc,3\n"), {});
        EXPECT_NO_THROW(ask(values, order)) << order;
    }
}

TEST_F(IdValuesTest, ADuplicateIsFoundInLittleMemory) {
    std::string text = "id,prediction\n";
    for (int i = 0; i < 200'000; ++i) {
        text += fmt::format("n{},0.5\n", i);
    }
    IdValues unique(file(text), {});
    unique.set_memory_limit(0);
    EXPECT_EQ(unique.find("n0"), 0.5);
    unique.finish();
    EXPECT_EQ(unique.find("n1"), 0.5) << "the check takes no row away";
    IdValues twice(file(text + "n77,1\n"), {});
    twice.set_memory_limit(0);
    EXPECT_THAT(expect_error(ErrorKind::data, [&] { twice.finish(); }),
                HasSubstr("'n77' is there twice, in the lines 79 and 200002"));
}

TEST_F(IdValuesTest, RowsInAnotherOrderAreFound) {
    IdValues values(file("id,prediction\na,1\nb,2\nc,3\n"), {});
    EXPECT_EQ(values.find("c"), 3);
    EXPECT_EQ(values.find("a"), 1);
    EXPECT_TRUE(std::isnan(values.find("d")));
    EXPECT_EQ(values.found(), 2u);
}

}  // namespace
}  // namespace erawise::decode
