#include "decode/csv_text.h"

#include <vector>

#include "decode/memory_source.h"
#include "support/expect_error.h"

namespace erawise::decode {
namespace {

using test::expect_error;
using test::memory_source;
using testing::ElementsAre;
using testing::HasSubstr;

using Rows = std::vector<std::vector<std::string>>;

Rows read_all(std::string text) {
    CsvText csv(memory_source(std::move(text)), "a.csv");
    Rows rows;
    while (csv.next_row()) {
        std::vector<std::string>& row = rows.emplace_back();
        for (std::size_t i = 0; i < csv.fields(); ++i) {
            row.emplace_back(csv.field(i));
        }
    }
    return rows;
}

TEST(CsvText, SplitsRowsAndFields) {
    EXPECT_THAT(read_all("a,b\n1,2\n"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST(CsvText, TakesALastLineWithoutLineFeed) {
    EXPECT_THAT(read_all("a,b\n1,2"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST(CsvText, TakesCarriageReturns) {
    EXPECT_THAT(read_all("a,b\r\n1,\r\n,2\r\n"),
                ElementsAre(ElementsAre("a", "b"), ElementsAre("1", ""), ElementsAre("", "2")));
}

TEST(CsvText, KeepsEmptyFields) {
    EXPECT_THAT(read_all(",,\n,x,\n"),
                ElementsAre(ElementsAre("", "", ""), ElementsAre("", "x", "")));
}

TEST(CsvText, SkipsBlankLines) {
    EXPECT_THAT(read_all("\na\n\n\r\nb\n\n"), ElementsAre(ElementsAre("a"), ElementsAre("b")));
}

TEST(CsvText, EmptyTextHasNoRows) {
    EXPECT_TRUE(read_all("").empty());
}

TEST(CsvText, QuotedFieldsMayHoldSeparatorsQuotesAndLineFeeds) {
    EXPECT_THAT(
        read_all("\"a,b\",\"say \"\"x\"\"\",\"1\n2\",\"\"\nc,d,e,f\n"),
        ElementsAre(ElementsAre("a,b", "say \"x\"", "1\n2", ""), ElementsAre("c", "d", "e", "f")));
}

TEST(CsvText, UnclosedQuoteIsADataError) {
    EXPECT_THAT(expect_error(util::ErrorKind::data, [] { read_all("a,b\n1,\"2\n3,4\n"); }),
                HasSubstr("never closed"));
}

TEST(CsvText, RowsAreTheSameWhereverABufferEnds) {
    // Rows of many lengths, several buffers of them: each length of a rest comes up.
    std::string text;
    Rows expected;
    for (std::size_t i = 0; text.size() < 3 * kTextBytes; ++i) {
        const std::string word(i % 97, 'x');
        const bool quoted = i % 31 == 0;
        text += std::to_string(i) + "," + (quoted ? "\"" + word + ",\"" : word) + "\n";
        expected.push_back({std::to_string(i), word + (quoted ? "," : "")});
    }
    EXPECT_EQ(read_all(text), expected);
}

TEST(CsvText, ARowLongerThanTheBufferMakesItGrow) {
    const std::string word(2 * kTextBytes + 17, 'y');
    EXPECT_THAT(read_all("a,b\n" + word + ",1\n"),
                ElementsAre(ElementsAre("a", "b"), ElementsAre(word, "1")));
}

TEST(CsvText, ARowWithoutEndIsADataErrorAndNoHugeBuffer) {
    EXPECT_THAT(expect_error(util::ErrorKind::data,
                             [] { read_all("a,b\n" + std::string(3 * kMaxRowBytes, 'z')); }),
                HasSubstr("line 2 is longer than"));
}

TEST(CsvText, KnowsLineAndByteOfARow) {
    CsvText csv(memory_source("ab,c\n1,2\n3,4\n"), "a.csv");
    ASSERT_TRUE(csv.next_row());
    EXPECT_EQ(csv.line(), 1u);
    EXPECT_EQ(csv.byte_offset(), 0u);
    ASSERT_TRUE(csv.next_row());
    ASSERT_TRUE(csv.next_row());
    EXPECT_EQ(csv.line(), 3u);
    EXPECT_EQ(csv.byte_offset(), 9u);
    EXPECT_EQ(csv.place(), "a.csv: line 3 (byte 9 of the decoded text)");
}

TEST(CsvText, RepeatedRowComesAgain) {
    CsvText csv(memory_source("a\nb\n"), "a.csv");
    ASSERT_TRUE(csv.next_row());
    csv.repeat_row();
    ASSERT_TRUE(csv.next_row());
    EXPECT_EQ(csv.field(0), "a");
    ASSERT_TRUE(csv.next_row());
    EXPECT_EQ(csv.field(0), "b");
    EXPECT_FALSE(csv.next_row());
}

TEST(CsvText, PreviewIsTakenBack) {
    CsvText csv(memory_source("a\nb\nc\n"), "a.csv");
    ASSERT_TRUE(csv.next_row());
    const CsvText::Mark mark = csv.mark();
    int previewed = 0;
    while (csv.preview_row()) {
        ++previewed;
    }
    EXPECT_EQ(previewed, 2);
    csv.return_to(mark);
    ASSERT_TRUE(csv.next_row());
    EXPECT_EQ(csv.field(0), "b");
    EXPECT_EQ(csv.line(), 2u);
}

}  // namespace
}  // namespace erawise::decode
