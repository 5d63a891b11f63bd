#include "util/number.h"

#include <gmock/gmock.h>

#include <cstdint>

namespace erawise::util {
namespace {

using testing::Optional;

TEST(Number, IsTheWholeText) {
    EXPECT_THAT(parse_number<int>("-12"), Optional(-12));
    EXPECT_THAT(parse_number<double>("0.5"), Optional(0.5));
    for (const char* const text : {"", " 1", "1 ", "+1", "1.5", "0x1", "one"}) {
        EXPECT_FALSE(parse_number<int>(text)) << text;
    }
}

TEST(Number, ThatDoesNotFitIsNone) {
    EXPECT_THAT(parse_number<std::uint16_t>("65535"), Optional(std::uint16_t{65535}));
    EXPECT_FALSE(parse_number<std::uint16_t>("65536"));
    EXPECT_FALSE(parse_number<unsigned>("-1"));
}

TEST(Number, IsTakenFromTheFrontOrLeftWhereItIs) {
    std::string_view text = "12 kB";
    EXPECT_THAT(take_number<int>(text), Optional(12));
    EXPECT_EQ(text, " kB");
    EXPECT_FALSE(take_number<int>(text));
    EXPECT_EQ(text, " kB");
}

}  // namespace
}  // namespace erawise::util
