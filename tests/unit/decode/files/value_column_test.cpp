#include "decode/files/value_column.h"

#include <fmt/format.h>

#include <vector>

#include "support/expect_error.h"

namespace erawise::decode {
namespace {

using test::expect_error;
using testing::HasSubstr;
using testing::Not;

const std::vector<ValueColumn> kOne = {{"id", false}, {"era", true}, {"prediction", true}};
const std::vector<ValueColumn> kSeveral = {
    {"id", false}, {"note", false}, {"v5_a", true}, {"v5_b", true}, {"era", true}};

std::size_t choose(const std::vector<ValueColumn>& columns, const std::string& name = "") {
    return choose_value_column(columns, {.name = name, .flag = "--which"}, "file.csv");
}

std::string refused(const std::vector<ValueColumn>& columns, const std::string& name = "") {
    return expect_error(util::ErrorKind::data, [&] { choose(columns, name); });
}

TEST(ValueColumn, TheOnlyOneWithNumbersNeedsNoName) {
    EXPECT_EQ(choose(kOne), 2u);
    EXPECT_EQ(choose({{"prediction", true}, {"id", false}, {"note", false}}), 0u);
}

TEST(ValueColumn, AnIndexWithoutAMeaningIsNotMeant) {
    EXPECT_EQ(choose({{"", true}, {"id", false}, {"prediction", true}}), 2u);
    EXPECT_EQ(choose({{"id", false}, {"p", true}, {"__index_level_0__", true}}), 1u);
}

TEST(ValueColumn, SeveralAreListedUntilOneIsNamed) {
    const std::string message = refused(kSeveral);
    EXPECT_THAT(message, HasSubstr("file.csv: 2 columns"));
    EXPECT_THAT(message, HasSubstr("--which"));
    EXPECT_THAT(message, HasSubstr("'v5_a', 'v5_b'"));
    EXPECT_THAT(message, Not(HasSubstr("note")));
    EXPECT_EQ(choose(kSeveral, "v5_a"), 2u);
    EXPECT_EQ(choose(kSeveral, "v5_b"), 3u);
}

TEST(ValueColumn, ANameThatIsNotThereIsRefusedWithThoseThatAre) {
    const std::string message = refused(kSeveral, "v4_a");
    EXPECT_THAT(message, HasSubstr("no column 'v4_a'"));
    EXPECT_THAT(message, HasSubstr("'v5_a', 'v5_b'"));
    EXPECT_THAT(refused({{"id", false}}, "p"), HasSubstr("nor any other with numbers"));
}

TEST(ValueColumn, NoneIsRefused) {
    EXPECT_THAT(refused({{"id", false}, {"era", true}}), HasSubstr("no column of numbers"));
    EXPECT_THAT(refused({}), HasSubstr("no column of numbers"));
}

TEST(ValueColumn, TheOnlyOneIsTakenEvenIfItsFirstRowsHaveNoNumber) {
    EXPECT_EQ(choose({{"id", false}, {"prediction", false}}), 1u);
    EXPECT_THAT(refused({{"id", false}, {"a", false}, {"b", false}}),
                HasSubstr("no column of numbers"));
}

TEST(ValueColumn, TwoOfTheNameAreRefused) {
    EXPECT_THAT(refused({{"id", false}, {"p", true}, {"p", true}}, "p"), HasSubstr("two columns"));
}

TEST(ValueColumn, LongListsEnd) {
    std::vector<ValueColumn> columns;
    for (int i = 0; i < 3000; ++i) {
        columns.push_back({fmt::format("column_{}", i), true});
    }
    const std::string message = refused(columns);
    EXPECT_THAT(message, HasSubstr("and 2900 more"));
    EXPECT_LT(message.size(), 3000u);
}

TEST(ValueColumn, NamesCannotSteerATerminal) {
    EXPECT_THAT(refused({{"a\x1b[2J", true}, {"b", true}}), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace erawise::decode
