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
        return wait_for_round(api_, clock_, test::constant(fraction), {.wait = duration}).round;
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

constexpr const char* kEarlier = "https://s.example/20260326/v5.3/live.parquet?X-Amz-Signature=s";
constexpr const char* kOfToday = "https://s.example/20260327/v5.3/live.parquet?X-Amz-Signature=s";

std::string round_of_today() {
    return R"({"data":{"answer":[{"number":812,"openTime":"2026-03-27T12:00:00Z",
        "closeStakingTime":"2026-03-27T13:00:00Z","closeTime":"2026-03-28T13:00:00Z",
        "dataDatestamp":20260327}]}})";
}

std::string url_reply(const char* url) {
    return std::string(R"({"data":{"answer":")") + url + R"("}})";
}

TEST_F(RoundWaitTest, ARoundWithoutItsDataIsWaitedForAsWell) {
    http_.answer(200, round_of_today());
    http_.answer(200, kNotOpen);
    http_.answer(200, round_of_today());
    http_.answer(200, url_reply(kEarlier));
    http_.answer(200, round_of_today());
    http_.answer(200, url_reply(kOfToday));
    const auto open = wait_for_round(api_, clock_, test::constant(0.5),
                                     {.wait = 1h, .file = "v5.3/live.parquet"});
    EXPECT_EQ(open.data_url, kOfToday);
    EXPECT_THAT(clock_.sleeps(), SizeIs(2));
}

TEST_F(RoundWaitTest, DataOfAnotherDayIsNamedWithTheRemedy) {
    http_.answer(200, round_of_today());
    http_.answer(200, url_reply(kEarlier));
    const auto message = expect_error(ErrorKind::rejected, [&] {
        wait_for_round(api_, clock_, test::constant(0.5), {.file = "v5.3/live.parquet"});
    });
    EXPECT_THAT(message, AllOf(HasSubstr("20260326"), HasSubstr("ERAWISE_DATA_FRESHNESS"),
                               testing::Not(HasSubstr("Signature"))));
}

TEST_F(RoundWaitTest, ALateRoundIsTakenOnlyWhenThatIsAllowed) {
    clock_.advance(2h);
    http_.answer(200, round_of_today());
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { wait(0s); }), HasSubstr("--late allow"));
    http_.answer(200, round_of_today());
    const auto open =
        wait_for_round(api_, clock_, test::constant(0.5), {.late = transport::Late::allow});
    EXPECT_EQ(open.closes(), open.round.close_time);
    clock_.advance(24h);
    http_.answer(200, round_of_today());
    expect_error(ErrorKind::rejected, [&] {
        wait_for_round(api_, clock_, test::constant(0.5), {.late = transport::Late::allow});
    });
}

TEST_F(RoundWaitTest, TheNextRoundIsWaitedForBeforeALateSubmissionIsMade) {
    clock_.advance(2h);
    http_.answer(200, round_of_today());
    http_.answer(200, round_of_today());
    http_.answer(200, R"({"data":{"answer":[{"number":813,"openTime":"2026-03-27T14:01:00Z",
        "closeStakingTime":"2026-03-27T15:00:00Z","closeTime":"2026-03-28T15:00:00Z"}]}})");
    const RoundWaitOptions options{.wait = 2min, .late = transport::Late::allow};
    EXPECT_EQ(wait_for_round(api_, clock_, test::constant(0.5), options).round.number, 813);

    for (int look = 0; look < 5; ++look) {
        http_.answer(200, round_of_today());
    }
    EXPECT_EQ(wait_for_round(api_, clock_, test::constant(0.5), options).round.number, 812);
}

TEST_F(RoundWaitTest, AnOddAnswerWhileWaitingIsNotTheEnd) {
    http_.answer(200, kNotOpen);
    http_.answer(403, "<html>blocked</html>");
    http_.answer(200, R"({"errors":[{"message":"connection not available"}]})");
    http_.answer(200, round_of_today());
    EXPECT_EQ(wait(1h).number, 812);
    EXPECT_THAT(clock_.sleeps(), SizeIs(3));
}

TEST_F(RoundWaitTest, AnOddAnswerAtFirstIsToldAtOnce) {
    http_.answer(404, "<html>no such page</html>");
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { wait(1h); }), HasSubstr("404"));
    EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

/// What keys mean is not documented: the round must not be missed for them.
TEST_F(RoundWaitTest, DataThatSeemsToBeOfAnotherRoundIsTakenShortlyBeforeTheClose) {
    clock_.advance(49min);
    for (int look = 0; look < 4; ++look) {
        http_.answer(200, round_of_today());
        http_.answer(200, url_reply(kEarlier));
    }
    RoundWaitOptions options{.wait = 2h, .file = "v5.3/live.parquet"};
    const auto open = wait_for_round(api_, clock_, test::constant(0.5), options);
    EXPECT_EQ(open.data_url, kEarlier);
    EXPECT_TRUE(open.data_key_is_settled);
    EXPECT_THAT(clock_.sleeps(), SizeIs(2));
    options.late = transport::Late::allow;  // to be on time is better
    EXPECT_TRUE(wait_for_round(api_, clock_, test::constant(0.5), options).data_key_is_settled);
    EXPECT_THAT(clock_.sleeps(), SizeIs(2));
}

TEST_F(RoundWaitTest, DataThatSeemsToBeOfAnotherRoundIsTakenAtTheEndOfTheWait) {
    const RoundWaitOptions options{.wait = 30s, .file = "v5.3/live.parquet"};
    for (int look = 0; look < 2; ++look) {
        http_.answer(200, round_of_today());
        http_.answer(200, url_reply(kEarlier));
    }
    EXPECT_TRUE(wait_for_round(api_, clock_, test::constant(0.5), options).data_key_is_settled);
}

/// Every answer takes 20 s.
class SlowHttpClient final : public transport::HttpClient {
  public:
    SlowHttpClient(transport::HttpClient& inner, test::FakeClock& clock)
        : inner_(inner), clock_(clock) {}

    transport::HttpResponse send(const transport::HttpRequest& request) override {
        clock_.advance(20s);
        return inner_.send(request);
    }

  private:
    transport::HttpClient& inner_;
    test::FakeClock& clock_;
};

TEST_F(RoundWaitTest, ALookThatOutlastsTheWaitIsNotTheLast) {
    SlowHttpClient slow(http_, clock_);
    transport::NumeraiApi api(slow, retrier_, {.url = "https://api.example", .credentials = {}});
    const RoundWaitOptions options{.wait = 30s, .file = "v5.3/live.parquet"};
    for (int look = 0; look < 2; ++look) {
        http_.answer(200, round_of_today());
        http_.answer(200, url_reply(kEarlier));
    }
    EXPECT_TRUE(wait_for_round(api, clock_, test::constant(0.5), options).data_key_is_settled);
    EXPECT_THAT(clock_.sleeps(), ElementsAre(0s));
}

TEST_F(RoundWaitTest, WhatIsThereAlreadyGoesToTheRoundThatIsOpenOrToNone) {
    http_.answer(200, round_of_today());
    EXPECT_EQ(open_round(api_, transport::Late::refuse).round.number, 812);
    clock_.advance(2h);
    http_.answer(200, round_of_today());
    EXPECT_THAT(
        expect_error(ErrorKind::rejected, [&] { open_round(api_, transport::Late::refuse); }),
        AllOf(HasSubstr("--late allow"), testing::Not(HasSubstr("--wait"))));
    http_.answer(200, round_of_today());
    EXPECT_EQ(open_round(api_, transport::Late::allow).round.number, 812);
    EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

TEST_F(RoundWaitTest, AWrongClockDoesNotMissTheRound) {
    clock_.advance(-5h);
    http_.answer(200, round_of_today(), {{"Date", "Fri, 27 Mar 2026 12:30:00 GMT"}});
    EXPECT_EQ(wait(0s).number, 812);
}

TEST_F(RoundWaitTest, ARoundThatIsNoLongerTheOpenOneIsNotSubmittedTo) {
    OpenRound open;
    open.round.number = 812;
    http_.answer(200, round_of_today());
    confirm_round(api_, open);
    for (int i = 0; i < 20; ++i) {
        http_.lose_answer();
    }
    confirm_round(api_, open);  // an outage tells nothing
    test::FakeHttpClient next;
    transport::NumeraiApi api(next, retrier_, {.url = "https://api.example", .credentials = {}});
    next.answer(200, kNotOpen);
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { confirm_round(api, open); }),
                HasSubstr("round 812 closed meanwhile"));
    open.round.close_staking_time = clock_.now() + 1h;
    next.answer(200, kNotOpen);
    confirm_round(api, open);  // too early to be true: the server will tell
    next.answer(403, "<html>blocked</html>");
    confirm_round(api, open);
    clock_.advance(1h);
    next.answer(200, kNotOpen);
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { confirm_round(api, open); }),
                HasSubstr("round 812 closed meanwhile"));
    next.answer(200, R"({"data":{"answer":[{"number":813}]}})");
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { confirm_round(api, open); }),
                HasSubstr("round 813 has opened"));
}

TEST_F(RoundWaitTest, ARoundWhoseTimeIsOverIsNotSubmittedTo) {
    OpenRound open;
    open.round.number = 812;
    open.round.close_staking_time = clock_.now() + 5min;
    require_time_left(open, clock_.now());
    EXPECT_THAT(
        expect_error(ErrorKind::rejected, [&] { require_time_left(open, clock_.now() + 5min); }),
        AllOf(HasSubstr("--late allow"), HasSubstr("nothing was sent")));
    open.late = transport::Late::allow;
    require_time_left(open, clock_.now() + 5min);
}

TEST_F(RoundWaitTest, AnOutageWithoutWaitingIsANetworkError) {
    for (int i = 0; i < 20; ++i) {
        http_.lose_answer();
    }
    expect_error(ErrorKind::network, [&] { wait(0s); });
}

}  // namespace
}  // namespace erawise::acquire
