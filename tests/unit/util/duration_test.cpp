#include "util/duration.h"

#include <gmock/gmock.h>

namespace erawise::util {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using testing::Optional;

TEST(Duration, ReadsUnitsFromLargeToSmall) {
    EXPECT_THAT(parse_duration("90s"), Optional(seconds(90)));
    EXPECT_THAT(parse_duration("15m"), Optional(seconds(900)));
    EXPECT_THAT(parse_duration("2h"), Optional(seconds(7200)));
    EXPECT_THAT(parse_duration("1h30m"), Optional(seconds(5400)));
    EXPECT_THAT(parse_duration("7d"), Optional(seconds(604800)));
    EXPECT_THAT(parse_duration("0s"), Optional(seconds(0)));
}

TEST(Duration, RefusesWhatIsAmbiguous) {
    for (const auto* const text :
         {"", "90", "h", "30m1h", "1h1h", "1.5h", "-1s", " 1s", "1s ", "1H", "99999999999h"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(Duration, IsShownAsItIsRead) {
    for (const auto* const text : {"0s", "90m", "1h30m", "1d1s"}) {
        const auto duration = parse_duration(text);
        ASSERT_TRUE(duration);
        EXPECT_THAT(parse_duration(format_duration(*duration)), duration) << text;
    }
    EXPECT_EQ(format_duration(seconds(5400)), "1h30m");
}

TEST(Duration, ForPeopleHasTwoUnits) {
    EXPECT_EQ(spoken_duration(1500ms), "1.5 s");
    EXPECT_EQ(spoken_duration(200s), "3 min 20 s");
    EXPECT_EQ(spoken_duration(2h + 5min + 3s), "2 h 5 min");
}

}  // namespace
}  // namespace erawise::util
