#include "acquire/round_wait.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <string>

#include "transport/timestamp.h"
#include "util/error.h"

namespace erawise::acquire {
namespace {

using std::chrono::milliseconds;
using transport::format_duration;
using transport::format_iso_time;
using transport::Round;

/// Why there is no round to submit to; for people.
std::string describe(const std::optional<Round>& round, util::Clock::TimePoint now) {
    if (!round) {
        return "no round is open";
    }
    if (round->open_time && now < *round->open_time) {
        return fmt::format("no round is open: round {} opens at {}", round->number,
                           format_iso_time(*round->open_time));
    }
    return fmt::format("no round is open: round {} closed at {}", round->number,
                       format_iso_time(round->close_staking_time.value_or(now)));
}

void announce(const Round& round, util::Clock::TimePoint now, const RoundWaitOptions& options) {
    if (!round.close_staking_time) {
        spdlog::info("round {} is open", round.number);
        return;
    }
    const auto left = *round.close_staking_time - now;
    const auto level = left < options.closes_soon ? spdlog::level::warn : spdlog::level::info;
    spdlog::log(level, "round {} is open until {}: {} left", round.number,
                format_iso_time(*round.close_staking_time), format_duration(left));
}

/// The API's answer. While there is time to wait, an outage is only one more reason to wait.
std::optional<Round> look(transport::NumeraiApi& api, bool tolerant) {
    try {
        return api.current_round();
    } catch (const util::Error& error) {
        if (!tolerant || error.kind() != util::ErrorKind::network) {
            throw;
        }
        spdlog::warn("{}", error.what());
        return std::nullopt;
    }
}

}  // namespace

Round wait_for_round(transport::NumeraiApi& api, util::Clock& clock,
                     const transport::RandomFraction& random, const RoundWaitOptions& options) {
    const auto end = clock.now() + options.wait;
    while (true) {
        const auto round = look(api, clock.now() < end);
        const auto now = clock.now();
        if (round && round->is_open_at(now)) {
            announce(*round, now, options);
            return *round;
        }
        const std::string reason = describe(round, now);
        if (now >= end) {
            throw util::Error(util::ErrorKind::rejected,
                              reason +
                                  (options.wait > milliseconds(0)
                                       ? ", after waiting " + format_duration(options.wait)
                                       : std::string()) +
                                  "; rounds open at 12:00 UTC, Tuesday to Saturday: run then, or "
                                  "wait for the next one (--wait DURATION)");
        }
        const auto range =
            static_cast<double>((options.longest_pause - options.shortest_pause).count());
        const auto pause =
            options.shortest_pause + milliseconds(static_cast<milliseconds::rep>(range * random()));
        spdlog::info("{}; looking again in {}", reason, format_duration(pause));
        clock.sleep_for(std::min<milliseconds>(pause, end - now));
    }
}

}  // namespace erawise::acquire
