#include "transport/retry.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <random>

#include "transport/timestamp.h"
#include "util/duration.h"
#include "util/error.h"
#include "util/number.h"

namespace erawise::transport {

using std::chrono::milliseconds;

RandomFraction system_random() {
    return [engine = std::mt19937_64(std::random_device{}())]() mutable {
        return std::generate_canonical<double, 53>(engine);
    };
}

std::optional<milliseconds> parse_retry_after(std::string_view text, util::Clock::TimePoint now) {
    constexpr int longest = 365 * 24 * 3600;  // whatever is longer ends every budget as well
    if (const auto seconds = util::parse_number<int>(text); seconds && *seconds >= 0) {
        return std::chrono::seconds(std::min(*seconds, longest));
    }
    if (const auto date = parse_http_date(text)) {
        return std::max(milliseconds(0), *date - now);
    }
    return std::nullopt;
}

Failure failure_of(const HttpResponse& response, util::Clock::TimePoint now) {
    return {.reason = response.error,
            .retry_after = parse_retry_after(response.header("Retry-After"), now)};
}

std::optional<milliseconds> Retrier::until_deadline() {
    if (!deadline_) {
        return std::nullopt;
    }
    return std::max<milliseconds>(std::chrono::seconds(1), *deadline_ - clock_.now());
}

milliseconds Retrier::wait_before(int attempt) {
    milliseconds longest = policy_.initial;
    for (int i = 0; i < attempt && longest < policy_.maximum; ++i) {
        longest *= 2;
    }
    longest = std::min(longest, policy_.maximum);
    return milliseconds(
        static_cast<milliseconds::rep>(static_cast<double>(longest.count()) * random_()));
}

Retrier::Operation::Operation(Retrier& retrier, std::string_view what)
    : retrier_(retrier), what_(what), start_(retrier.clock_.now()), outer_end_(retrier.end_) {
    start_budget();
}

void Retrier::Operation::start_budget() {
    end_ = retrier_.clock_.now() + retrier_.policy_.budget;
    for (const auto& bound : {outer_end_, retrier_.deadline_}) {
        end_ = bound ? std::min(end_, *bound) : end_;
    }
    retrier_.end_ = end_;
}

Retrier::Operation::~Operation() {
    retrier_.end_ = outer_end_;
}

void Retrier::Operation::wait_or_give_up(const Failure& failure) {
    ++attempts_;
    if (failure.progress == Progress::some) {
        fruitless_ = 0;
        start_budget();
    }
    const milliseconds wait =
        std::max(retrier_.wait_before(fruitless_++), failure.retry_after.value_or(milliseconds(0)));
    if (retrier_.clock_.now() + wait >= end_) {
        give_up(failure);
    }
    spdlog::warn("{}: {}; attempt {} follows in {}", what_, failure.reason, attempts_ + 1,
                 util::spoken_duration(wait));
    retrier_.clock_.sleep_for(wait);
}

void Retrier::Operation::give_up(const Failure& failure) const {
    const auto& deadline = retrier_.deadline_;
    const bool closed = deadline && end_ == *deadline;
    throw util::Error(
        util::ErrorKind::network,
        fmt::format("{}: gave up after {} attempt{} in {}{}: {}; {}", what_, attempts_,
                    attempts_ == 1 ? "" : "s",
                    util::spoken_duration(retrier_.clock_.now() - start_),
                    failure.retry_after ? fmt::format(" (the server asks to wait {})",
                                                      util::spoken_duration(*failure.retry_after))
                                        : "",
                    failure.reason,
                    closed ? fmt::format("the deadline is {}", format_iso_time(*deadline))
                           : "run it again later, or raise the retry budget"));
}

}  // namespace erawise::transport
