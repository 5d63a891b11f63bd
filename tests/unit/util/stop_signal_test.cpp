#include "util/stop_signal.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "support/expect_error.h"
#include "util/clock.h"

namespace erawise::util {
namespace {

using namespace std::chrono_literals;

TEST(StopSignal, CatchesSigtermAndRemembersTheFirst) {
    StopSignal stop;
    stop.install();
    EXPECT_FALSE(stop.requested());
    std::raise(SIGTERM);
    std::raise(SIGINT);
    EXPECT_EQ(stop.signal(), SIGTERM);
    test::expect_error(ErrorKind::cancelled, [&] { stop.throw_if_requested(); });
}

TEST(StopSignal, EndsAWaitAtOnce) {
    StopSignal stop;
    const auto start = std::chrono::steady_clock::now();
    std::jthread other([&] { stop.request(SIGTERM); });
    EXPECT_TRUE(stop.wait_for(1h));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 1min);
}

TEST(StopSignal, WaitWithoutASignalEndsInTime) {
    const StopSignal stop;
    EXPECT_FALSE(stop.wait_for(1ms));
}

TEST(SystemClock, SleepThrowsWhenCancelled) {
    StopSignal stop;
    SystemClock clock(stop);
    stop.request(SIGINT);
    test::expect_error(ErrorKind::cancelled, [&] { clock.sleep_for(1h); });
}

}  // namespace
}  // namespace erawise::util
