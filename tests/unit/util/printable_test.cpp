#include "util/printable.h"

#include <gtest/gtest.h>

namespace erawise::util {
namespace {

std::string one_line(std::string_view text) {
    return printable(text, LineBreaks::replace);
}

TEST(Printable, LeavesTextAlone) {
    EXPECT_EQ(one_line(""), "");
    EXPECT_EQ(one_line("era1, 'feature_x' ~"), "era1, 'feature_x' ~");
    EXPECT_EQ(one_line("Zürich \u00A0\u07FF\u0800\uFFFD\U00010000\U0010FFFF"),
              "Zürich \u00A0\u07FF\u0800\uFFFD\U00010000\U0010FFFF");
}

TEST(Printable, ReplacesControlCharacters) {
    EXPECT_EQ(one_line("\x1B[2J\x07\t\x7F|"), "?[2J???|");
    EXPECT_EQ(one_line(std::string_view("a\0b", 3)), "a?b");
    EXPECT_EQ(one_line("\xC2\x9B"
                       "31m"),
              "??31m");
}

TEST(Printable, KeepsLineBreaksOnlyWhenAsked) {
    EXPECT_EQ(one_line("a\nb\r\n"), "a?b??");
    EXPECT_EQ(printable("a\nb\r\n", LineBreaks::keep), "a\nb?\n");
}

TEST(Printable, ReplacesWhatIsNoUtf8) {
    EXPECT_EQ(one_line("\xFF\xFE|"), "??|");
    EXPECT_EQ(one_line("\xC0\xAF|"), "??|");            // overlong
    EXPECT_EQ(one_line("\xED\xA0\x80|"), "???|");       // surrogate
    EXPECT_EQ(one_line("\xF4\x90\x80\x80|"), "????|");  // beyond U+10FFFF
    EXPECT_EQ(one_line("\xE2\x82|"), "??|");
    EXPECT_EQ(one_line("cut off \xE2\x82"), "cut off ??");
}

}  // namespace
}  // namespace erawise::util
