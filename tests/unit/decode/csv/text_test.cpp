#include "decode/csv/text.h"

#include <vector>

#include "decode/memory_source.h"
#include "support/expect_error.h"
#include "util/byte_size.h"

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
    EXPECT_THAT(read_all("a,b\n  \n \t\r\nc,d\n"),
                ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d")));
}

TEST(CsvText, AByteOrderMarkIsNoPartOfTheTextQuotedOrNot) {
    EXPECT_THAT(read_all("\xEF\xBB\xBF\"a\",b\n"), ElementsAre(ElementsAre("a", "b")));
    EXPECT_THAT(read_all("\xEF\xBB\xBF"
                         "a,b\n"),
                ElementsAre(ElementsAre("a", "b")));
    EXPECT_TRUE(read_all("\xEF\xBB\xBF").empty());
    CsvText csv(memory_source("\xEF\xBB\xBF"
                              "a\nb\n"),
                "a.csv");
    ASSERT_TRUE(csv.next_row());
    EXPECT_EQ(csv.byte_offset(), 3u);
}

/// pandas reads these so.
TEST(CsvText, QuotesThatNeitherBeginNorEndAFieldAreLetters) {
    EXPECT_THAT(read_all("5\" pipe,b\n"), ElementsAre(ElementsAre("5\" pipe", "b")));
    EXPECT_THAT(read_all("x\"y,1\"z\n"), ElementsAre(ElementsAre("x\"y", "1\"z")));
    EXPECT_THAT(read_all("\"a\"b,\"c\"\"d\"e\n"), ElementsAre(ElementsAre("ab", "c\"de")));
    EXPECT_THAT(read_all("\"a\" ,b\n \"c\",d\n"),
                ElementsAre(ElementsAre("a ", "b"), ElementsAre(" \"c\"", "d")));
    EXPECT_THAT(read_all("\"a\"b\"c,d\n"), ElementsAre(ElementsAre("ab\"c", "d")));
    EXPECT_THAT(read_all("\"\"\"\",\"\"\"a\"\n"), ElementsAre(ElementsAre("\"", "\"a")));
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
                HasSubstr("line 2, field 2: the quote that opens there is never closed"));
}

TEST(CsvText, LinesThatEndInCarriageReturnsAreNamedAsSuch) {
    for (const std::string text : {"id,era\ra,1\rb,2\r", "id,era\ra,1\n",
                                   "\xEF\xBB\xBF"
                                   "id,era\ra,1"}) {
        EXPECT_THAT(expect_error(util::ErrorKind::data, [&] { read_all(text); }),
                    HasSubstr("its lines end in carriage returns (CR) alone"))
            << text;
    }
    const std::string large = "id,era\r" + std::string(kTextBytes, 'x') + "\r";
    EXPECT_THAT(expect_error(util::ErrorKind::data, [&] { read_all(large); }),
                HasSubstr("carriage returns (CR) alone"));
}

TEST(CsvText, ACarriageReturnWithinARowIsADataErrorWithItsPlace) {
    EXPECT_THAT(expect_error(util::ErrorKind::data, [] { read_all("a,b\nc,d\re,f\n"); }),
                HasSubstr("line 2, field 2: a carriage return (CR) stands alone"));
    EXPECT_THAT(expect_error(util::ErrorKind::data, [] { read_all("a,b\nc,\"\n\"\nd,e\r\r\n"); }),
                HasSubstr("line 4, field 2"));
    EXPECT_THAT(read_all("a,b\nc,\"d\re\"\n"),
                ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d\re")));
}

TEST(CsvText, TextOfAnotherFormatIsNamed) {
    EXPECT_THAT(expect_error(util::ErrorKind::data, [] { read_all("PAR1 and more"); }),
                HasSubstr("a.csv: the text in it is a Parquet file"));
    EXPECT_THAT(expect_error(util::ErrorKind::data, [] { read_all("BZh91AY&SY\x80"); }),
                HasSubstr("bzip2"));
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
                HasSubstr("line 2 is longer than 4.0 MiB"));
}

TEST(CsvText, TheLongestRowIsAsLongAsTheMessageSays) {
    const auto text_of = [](std::size_t row_bytes) {
        return "a,b\n" + std::string(row_bytes - 3, 'z') + ",1\n";
    };
    for (const std::size_t limit : {kMaxRowBytes, 2 * kTextBytes}) {
        CsvText csv(memory_source(text_of(limit)), "a.csv", limit);
        ASSERT_TRUE(csv.next_row());
        ASSERT_TRUE(csv.next_row());
        EXPECT_EQ(csv.field(0).size(), limit - 3);
        EXPECT_THAT(expect_error(util::ErrorKind::data,
                                 [&] {
                                     CsvText longer(memory_source(text_of(limit + 1)), "a.csv",
                                                    limit);
                                     while (longer.next_row()) {
                                     }
                                 }),
                    HasSubstr("line 2 is longer than " + util::format_byte_size(limit)));
    }
}

TEST(CsvText, LinesAreCountedThroughQuotedFields) {
    CsvText csv(memory_source("a,\"1\n2\n3\"\n\nb,c\n"), "a.csv");
    ASSERT_TRUE(csv.next_row());
    EXPECT_EQ(csv.line(), 1u);
    ASSERT_TRUE(csv.next_row());
    EXPECT_EQ(csv.line(), 5u);
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
    const CsvText::RowPosition start = csv.position();
    int previewed = 0;
    while (csv.preview_row()) {
        ++previewed;
    }
    EXPECT_EQ(previewed, 2);
    csv.return_to(start);
    ASSERT_TRUE(csv.next_row());
    EXPECT_EQ(csv.field(0), "b");
    EXPECT_EQ(csv.line(), 2u);
}

}  // namespace
}  // namespace erawise::decode
