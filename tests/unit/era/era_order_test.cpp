#include "era/era_order.h"

#include "support/expect_error.h"

namespace erawise::era {
namespace {

using testing::HasSubstr;

TEST(EraTracker, EraThatComesBackIsAnErrorWithBothLines) {
    EraTracker tracker(EraOrder::grouped);
    tracker.begin("era1", 2, "a.csv");
    tracker.begin("era2", 5, "a.csv");
    const std::string message =
        test::expect_error(util::ErrorKind::data, [&] { tracker.begin("era1", 9, "a.csv"); });
    EXPECT_THAT(message, HasSubstr("a.csv"));
    EXPECT_THAT(message, HasSubstr("starts at line 2"));
    EXPECT_THAT(message, HasSubstr("comes back at line 9"));
    EXPECT_THAT(message, HasSubstr("--transform none"));
}

TEST(EraTracker, EraThatComesBackIsOnlyAWarningRowByRow) {
    EraTracker tracker(EraOrder::any);
    tracker.begin("era1", 2, "a.csv");
    tracker.begin("era2", 5, "a.csv");
    EXPECT_NO_THROW(tracker.begin("era1", 9, "a.csv"));
    EXPECT_EQ(tracker.eras(), 2u);
}

}  // namespace
}  // namespace erawise::era
