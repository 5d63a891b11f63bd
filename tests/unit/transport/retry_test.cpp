#include "transport/retry.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "support/expect_error.h"
#include "transport/fake_clock.h"
#include "transport/fake_http_client.h"

namespace erawise::transport {
namespace {

using namespace std::chrono_literals;
using test::constant;
using test::expect_error;
using test::FakeClock;
using testing::ElementsAre;
using testing::HasSubstr;
using util::ErrorKind;

constexpr RetryPolicy kPolicy{.initial = 1s, .maximum = 5s, .budget = 60s};

Attempt<int> fail() {
    return std::unexpected(Failure{"HTTP 503"});
}

TEST(Retry, ReturnsTheFirstValueWithoutWaiting) {
    FakeClock clock;
    Retrier retrier(kPolicy, clock, constant(0.5));
    EXPECT_EQ(retrier.run("x", [] { return Attempt<int>(7); }), 7);
    EXPECT_TRUE(clock.sleeps().empty());
}

TEST(Retry, WaitsDoubleUpToTheMaximumWithFullJitter) {
    FakeClock clock;
    Retrier retrier(kPolicy, clock, constant(0.5));
    int attempts = 0;
    retrier.run("x", [&] { return ++attempts == 6 ? Attempt<int>(1) : fail(); });
    EXPECT_THAT(clock.sleeps(), ElementsAre(500ms, 1s, 2s, 2500ms, 2500ms));
}

TEST(Retry, StopsAtTheBudgetAndSaysHowOftenAndWhy) {
    FakeClock clock;
    const auto start = clock.now();
    Retrier retrier(kPolicy, clock, constant(0.999));
    int attempts = 0;
    const auto message = expect_error(ErrorKind::network, [&] {
        retrier.run("download live.parquet", [&] {
            ++attempts;
            return fail();
        });
    });
    EXPECT_LT(clock.now() - start, 60s);
    EXPECT_THAT(message, HasSubstr("download live.parquet: gave up after " +
                                   std::to_string(attempts) + " attempts"));
    EXPECT_THAT(message, HasSubstr("HTTP 503"));
    EXPECT_GT(attempts, 10);
}

TEST(Retry, StopsAtTheDeadline) {
    FakeClock clock;
    const auto deadline = clock.now() + 10s;
    Retrier retrier(kPolicy, clock, constant(0.999));
    retrier.set_deadline(deadline);
    const auto message =
        expect_error(ErrorKind::network, [&] { retrier.run("x", [] { return fail(); }); });
    EXPECT_LT(clock.now(), deadline);
    EXPECT_THAT(message, HasSubstr("the deadline is 2026-03-27T12:00:10Z"));
}

TEST(Retry, AnInnerOperationEndsWithTheOuterOne) {
    FakeClock clock;
    const auto start = clock.now();
    Retrier retrier(kPolicy, clock, constant(0.999));
    expect_error(ErrorKind::network, [&] {
        retrier.run("outer", [&] {
            clock.advance(50s);
            return Attempt<int>(retrier.run("inner", [] { return fail(); }));
        });
    });
    EXPECT_LT(clock.now() - start, 60s);
    EXPECT_EQ(retrier.run("next", [] { return Attempt<int>(1); }), 1);
}

TEST(Retry, HonoursRetryAfter) {
    FakeClock clock;
    Retrier retrier(kPolicy, clock, constant(0.5));
    int attempts = 0;
    retrier.run("x", [&]() -> Attempt<int> {
        if (++attempts == 1) {
            return std::unexpected(Failure{"HTTP 429", 17s});
        }
        return 1;
    });
    EXPECT_THAT(clock.sleeps(), ElementsAre(17s));
}

TEST(Retry, GivesUpAtOnceWhenTheServerAsksForLongerThanTheBudget) {
    FakeClock clock;
    Retrier retrier(kPolicy, clock, constant(0.5));
    const auto message = expect_error(ErrorKind::network, [&] {
        retrier.run("x",
                    []() -> Attempt<int> { return std::unexpected(Failure{"HTTP 429", 3600s}); });
    });
    EXPECT_TRUE(clock.sleeps().empty());
    EXPECT_THAT(message, HasSubstr("the server asks to wait 1 h 0 min"));
}

TEST(Retry, ProgressStartsWaitsAndBudgetAfresh) {
    FakeClock clock;
    Retrier retrier(kPolicy, clock, constant(0.5));
    int attempts = 0;
    retrier.run("x", [&]() -> Attempt<int> {
        clock.advance(40s);
        const bool further = ++attempts % 2 == 0;
        return attempts == 7 ? Attempt<int>(1)
                             : std::unexpected(Failure{"cut", std::nullopt,
                                                       further ? Progress::some : Progress::none});
    });
    EXPECT_THAT(clock.sleeps(), ElementsAre(500ms, 500ms, 1s, 500ms, 1s, 500ms));
}

TEST(Retry, TellsHowLongOneExchangeMayTake) {
    FakeClock clock;
    Retrier retrier(kPolicy, clock, constant(0.5));
    EXPECT_FALSE(retrier.until_deadline());
    retrier.set_deadline(clock.now() + 10s);
    EXPECT_EQ(retrier.until_deadline(), 10s);
    clock.advance(1min);
    EXPECT_EQ(retrier.until_deadline(), 1s);
}

TEST(Retry, WhatIsThrownIsNotRepeated) {
    FakeClock clock;
    Retrier retrier(kPolicy, clock, constant(0.5));
    int attempts = 0;
    expect_error(ErrorKind::rejected, [&] {
        retrier.run("x", [&]() -> Attempt<int> {
            ++attempts;
            throw util::Error(ErrorKind::rejected, "no");
        });
    });
    EXPECT_EQ(attempts, 1);
}

TEST(RetryAfter, IsSecondsOrADate) {
    FakeClock clock;
    EXPECT_EQ(parse_retry_after("120", clock.now()), 120s);
    EXPECT_EQ(parse_retry_after("Fri, 27 Mar 2026 12:00:30 GMT", clock.now()), 30s);
    EXPECT_EQ(parse_retry_after("Fri, 27 Mar 2026 11:00:00 GMT", clock.now()), 0s);
    for (const char* const text : {"", "-1", "soon", "1.5", "99999999999999999999"}) {
        EXPECT_FALSE(parse_retry_after(text, clock.now())) << text;
    }
}

TEST(Retry, SystemRandomIsAFraction) {
    const RandomFraction random = system_random();
    for (int i = 0; i < 1000; ++i) {
        const double fraction = random();
        EXPECT_GE(fraction, 0);
        EXPECT_LT(fraction, 1);
    }
}

}  // namespace
}  // namespace erawise::transport
