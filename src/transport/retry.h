#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "transport/http.h"
#include "util/clock.h"

namespace erawise::transport {

struct RetryPolicy {
    std::chrono::milliseconds initial = std::chrono::seconds(1);   ///< longest first wait
    std::chrono::milliseconds maximum = std::chrono::seconds(60);  ///< longest wait of all
    std::chrono::milliseconds budget = std::chrono::minutes(10);   ///< for one operation
};

/// Whether an attempt that failed brought the operation further: part of a file that the next one
/// goes on with.
enum class Progress { none, some };

/// Why an attempt failed in a way that another one may mend. What no attempt can mend is thrown.
struct Failure {
    std::string reason;
    std::optional<std::chrono::milliseconds> retry_after{};  ///< as the server asked
    Progress progress = Progress::none;
};

template <typename Value>
using Attempt = std::expected<Value, Failure>;

/// A number in [0, 1), equally distributed.
using RandomFraction = std::function<double()>;

/// A generator seeded by the machine.
RandomFraction system_random();

/// Retry-After: seconds, or a date (RFC 9110, section 10.2.3), as a wait from `now`. Empty when it
/// is neither; never negative.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           util::Clock::TimePoint now);

/// A response whose outcome is `retry`, as a failure.
Failure failure_of(const HttpResponse& response, util::Clock::TimePoint now);

/// Decorates an attempt with repetition within a time budget.
///
/// Between attempts it waits a random part of initial x 2^n, at most `maximum` ("full jitter":
/// many clients that fail together do not come back together), or longer when the server asks for
/// it. Every wait is logged with its reason. It gives up when the next attempt would start after
/// the budget or the deadline. An attempt with progress starts waits and budget afresh, so that a
/// large file may take as long as it keeps coming. An operation inside another one ends with the
/// outer one.
///
/// One thread at a time; `clock` must outlive it.
class Retrier {
  public:
    Retrier(RetryPolicy policy, util::Clock& clock, RandomFraction random)
        : policy_(policy), clock_(clock), random_(std::move(random)) {}

    /// No attempt starts after this time: the close of the round.
    void set_deadline(util::Clock::TimePoint deadline) { deadline_ = deadline; }

    /// Calls `attempt`, which returns Attempt<Value>, until it gives a value. `what` names the
    /// operation in messages ("download v5.3/live.parquet"). Throws Error(network) that says how
    /// often it was tried and why it failed, and whatever the attempt throws.
    template <typename Body>
    auto run(std::string_view what, Body&& attempt) {
        Operation operation(*this, what);
        while (true) {
            auto result = attempt();
            if (result) {
                return *std::move(result);
            }
            operation.wait_or_give_up(result.error());
        }
    }

    [[nodiscard]] util::Clock::TimePoint now() { return clock_.now(); }

    /// What is left until the deadline, at least a second: the longest that one exchange may take.
    /// Empty without a deadline.
    [[nodiscard]] std::optional<std::chrono::milliseconds> until_deadline();

  private:
    /// One run(): counts the attempts and holds the time at which they end.
    class Operation {
      public:
        Operation(Retrier& retrier, std::string_view what);
        ~Operation();
        Operation(const Operation&) = delete;
        Operation& operator=(const Operation&) = delete;

        void wait_or_give_up(const Failure& failure);

      private:
        void start_budget();
        [[noreturn]] void give_up(const Failure& failure) const;

        Retrier& retrier_;
        std::string what_;
        util::Clock::TimePoint start_;
        util::Clock::TimePoint end_;
        std::optional<util::Clock::TimePoint> outer_end_;
        int attempts_ = 0;
        int fruitless_ = 0;  ///< attempts since the last one with progress
    };

    [[nodiscard]] std::chrono::milliseconds wait_before(int attempt);

    RetryPolicy policy_;
    util::Clock& clock_;
    RandomFraction random_;
    std::optional<util::Clock::TimePoint> deadline_;
    std::optional<util::Clock::TimePoint> end_;  ///< of the operations that run now
};

}  // namespace erawise::transport
