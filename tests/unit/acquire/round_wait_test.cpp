#include "acquire/round_wait.h"

#include <gmock/gmock.h>

#include "support/expect_error.h"
#include "transport/fake_clock.h"
#include "transport/fake_http_client.h"

namespace erawise::acquire {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;
using util::ErrorKind;

constexpr const char* kNotOpen =
    R"({"errors":[{"message":"Current round not open for submissions"}]})";

std::string round_reply(const std::string& open, const std::string& close) {
    return R"({"data":{"answer":[{"number":812,"openTime":"2026-03-27T)" + open +
           R"(Z","closeStakingTime":"2026-03-27T)" + close + R"(Z"}]}})";
}

/// It is 12:00:00 when a test starts.
class RoundWaitTest : public testing::Test {
  protected:
    transport::Round wait(std::chrono::milliseconds duration, double fraction = 0.5) {
        return wait_for_round(api_, clock_, test::constant(fraction), {.wait = duration});
    }

    test::FakeClock clock_;
    test::FakeHttpClient http_;
    transport::Retrier retrier_{
        {.initial = 1s, .maximum = 5s, .budget = 20s}, clock_, test::constant(0.999)};
    transport::NumeraiApi api_{http_, retrier_, {.url = "https://api.example", .credentials = {}}};
};

TEST_F(RoundWaitTest, AnOpenRoundIsTakenAtOnce) {
    http_.answer(200, round_reply("11:00:00", "13:00:00"));
    EXPECT_EQ(wait(0s).number, 812);
    EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

TEST_F(RoundWaitTest, WithoutWaitingAClosedRoundIsRejectedWithTheRemedy) {
    http_.answer(200, kNotOpen);
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { wait(0s); }),
                AllOf(HasSubstr("no round is open"), HasSubstr("--wait")));
    EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

TEST_F(RoundWaitTest, SaysWhenTheRoundOpensOrClosed) {
    http_.answer(200, round_reply("12:30:00", "13:00:00"));
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { wait(0s); }),
                HasSubstr("round 812 opens at 2026-03-27T12:30:00Z"));
    http_.answer(200, round_reply("10:00:00", "12:00:00"));
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { wait(0s); }),
                HasSubstr("round 812 closed at 2026-03-27T12:00:00Z"));
}

TEST_F(RoundWaitTest, PollsPolitelyUntilTheRoundOpens) {
    http_.answer(200, kNotOpen);
    http_.answer(200, R"({"data":{"answer":null}})");
    http_.answer(200, round_reply("12:01:00", "13:00:00"));
    http_.answer(200, round_reply("12:01:00", "13:00:00"));
    EXPECT_EQ(wait(1h).number, 812);
    EXPECT_THAT(clock_.sleeps(), ElementsAre(37500ms, 37500ms));
    EXPECT_THAT(http_.sent(), SizeIs(3));
}

TEST_F(RoundWaitTest, PausesStayWithinTheirRange) {
    for (const double fraction : {0.0, 0.999}) {
        http_.answer(200, kNotOpen);
        http_.answer(200, round_reply("12:00:00", "13:00:00"));
        wait(1h, fraction);
    }
    EXPECT_THAT(clock_.sleeps(), AllOf(SizeIs(2), Each(AllOf(Ge(15s), Le(60s)))));
}

TEST_F(RoundWaitTest, GivesUpWhenTheTimeIsOver) {
    for (int i = 0; i < 100; ++i) {
        http_.answer(200, kNotOpen);
    }
    const auto start = clock_.now();
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { wait(5min); }),
                HasSubstr("after waiting 5 min 0 s"));
    EXPECT_EQ(clock_.now() - start, 5min);
}

TEST_F(RoundWaitTest, AnOutageWhileWaitingIsNotTheEnd) {
    for (int i = 0; i < 6; ++i) {  // more than the retries' budget takes
        http_.lose_answer();
    }
    http_.answer(200, round_reply("12:00:00", "13:00:00"));
    EXPECT_EQ(wait(1h).number, 812);
}

TEST_F(RoundWaitTest, AnOutageWithoutWaitingIsANetworkError) {
    for (int i = 0; i < 20; ++i) {
        http_.lose_answer();
    }
    expect_error(ErrorKind::network, [&] { wait(0s); });
}

}  // namespace
}  // namespace erawise::acquire
