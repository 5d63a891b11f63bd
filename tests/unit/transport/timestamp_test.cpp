#include "transport/timestamp.h"

#include <gtest/gtest.h>

namespace erawise::transport {
namespace {

using namespace std::chrono_literals;

TEST(Timestamp, ReadsIsoTimes) {
    const auto time = parse_iso_time("2026-03-27T12:00:00Z");
    ASSERT_TRUE(time);
    EXPECT_EQ(format_iso_time(*time), "2026-03-27T12:00:00Z");
    EXPECT_EQ(*parse_iso_time("2026-03-27T12:00:00.250999Z") - *time, 250ms);
    EXPECT_EQ(parse_iso_time("2026-03-27T14:00:00+02:00"), time);
    EXPECT_EQ(parse_iso_time("2026-03-27T11:30:00-00:30"), time);
}

TEST(Timestamp, RefusesWhatIsNoIsoTime) {
    for (const char* const text :
         {"", "2026-03-27", "2026-02-30T00:00:00Z", "2026-03-27T24:00:00Z", "2026-03-27T12:00:00",
          "2026-03-27T12:00:00Zx", "2026-3-27T12:00:00Z", "2026-03-27T-1:00:00Z"}) {
        EXPECT_FALSE(parse_iso_time(text)) << text;
    }
}

TEST(Timestamp, ReadsHttpDates) {
    const auto time = parse_http_date("Fri, 27 Mar 2026 12:00:05 GMT");
    ASSERT_TRUE(time);
    EXPECT_EQ(format_iso_time(*time), "2026-03-27T12:00:05Z");
    EXPECT_FALSE(parse_http_date("Fri, 27 Foo 2026 12:00:05 GMT"));
    EXPECT_FALSE(parse_http_date("Friday, 27-Mar-26 12:00:05 GMT"));
    EXPECT_FALSE(parse_http_date(""));
}

}  // namespace
}  // namespace erawise::transport
