#include "acquire/round_wait.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <expected>
#include <optional>
#include <string>

#include "transport/presigned_url.h"
#include "transport/timestamp.h"
#include "util/duration.h"
#include "util/error.h"

namespace erawise::acquire {
namespace {

using std::chrono::milliseconds;
using transport::format_iso_time;
using transport::NumeraiApi;
using transport::Round;
using util::spoken_duration;

/// A round that closes within this time is reported as a warning.
constexpr std::chrono::minutes kClosesSoon{10};

constexpr std::string_view kLateRemedy =
    "; a late submission is scored, but not staked on: --late allow makes one";

constexpr std::string_view kWhenRoundsOpen = "; rounds open at 12:00 UTC, Tuesday to Saturday";

/// A round to submit to, or for people why there is none.
using Look = std::expected<OpenRound, std::string>;

/// Why there is no round to submit to.
std::string describe(const std::optional<Round>& round, util::Clock::TimePoint now,
                     transport::Late late) {
    if (!round) {
        return "no round is open";
    }
    if (round->open_time && now < *round->open_time) {
        return fmt::format("no round is open: round {} opens at {}", round->number,
                           format_iso_time(*round->open_time));
    }
    const bool needs_remedy = round->is_late_at(now) && late == transport::Late::refuse;
    return fmt::format("no round is open: round {} closed at {}{}", round->number,
                       format_iso_time(round->close_staking_time.value_or(now)),
                       needs_remedy ? kLateRemedy : "");
}

void announce(const OpenRound& open, util::Clock::TimePoint now) {
    const Round& round = open.round;
    if (!round.close_staking_time) {
        spdlog::info("round {} is open", round.number);
        return;
    }
    if (round.is_late_at(now)) {
        spdlog::warn("round {} closed at {}: what is submitted now is late (--late allow)",
                     round.number, format_iso_time(*round.close_staking_time));
        return;
    }
    const auto left = *round.close_staking_time - now;
    const auto level = left < kClosesSoon ? spdlog::level::warn : spdlog::level::info;
    spdlog::log(level, "round {} is open until {}: {} left", round.number,
                format_iso_time(*round.close_staking_time), spoken_duration(left));
}

/// Looks are not alike: what may still change is waited for, and in the end taken as it is.
enum class Patience : std::uint8_t { none, can_wait, has_waited };

/// Whether data that seems to be of another round has to be taken now or never.
bool is_last_chance(const Round& round, Patience patience, util::Clock::TimePoint now) {
    return patience == Patience::has_waited ||
           (patience == Patience::can_wait && round.close_staking_time &&
            *round.close_staking_time - now < kClosesSoon);
}

Look look(NumeraiApi& api, const RoundWaitOptions& options, Patience patience) {
    const auto round = api.current_round();
    const auto now = api.server_now();
    const auto late = patience == Patience::can_wait ? transport::Late::refuse : options.late;
    if (!round || !round->takes_submissions_at(now, late)) {
        return std::unexpected(describe(round, now, options.late));
    }
    OpenRound open{
        .round = *round, .data_url = {}, .data_key_is_settled = false, .late = options.late};
    if (options.file.empty()) {
        return open;
    }
    const auto url =
        util::with_context(options.file, [&] { return api.dataset_url(options.file); });
    if (!url) {
        return std::unexpected(fmt::format("round {} is open, but its data {} is not there yet",
                                           round->number, options.file));
    }
    open.data_url = *url;
    const std::string why = not_of_round(transport::object_key_of(*url), options.file, open.round);
    if (why.empty() || options.freshness == Freshness::warn) {
        return open;
    }
    if (is_last_chance(*round, patience, now)) {
        spdlog::warn(
            "{}: {}; there is no time to wait for another one: Numerai will refuse it if it "
            "is not the round's",
            options.file, why);
        open.data_key_is_settled = true;
        return open;
    }
    return std::unexpected(
        fmt::format("round {} is open, but its data {} is not there yet: {}; data.freshness = "
                    "warn (ERAWISE_DATA_FRESHNESS) takes it all the same",
                    round->number, options.file, why));
}

/// While there is time to wait, an outage is only one more reason to wait. So is a refusal, but for
/// the first look, which tells of what no wait mends.
Look look_tolerantly(NumeraiApi& api, const RoundWaitOptions& options, bool is_first) {
    try {
        return look(api, options, Patience::can_wait);
    } catch (const util::Error& error) {
        const bool is_odd = error.kind() == util::ErrorKind::rejected && !is_first;
        if (error.kind() != util::ErrorKind::network && !is_odd) {
            throw;
        }
        spdlog::warn("{}", error.what());
        return std::unexpected(is_odd ? "Numerai gives an answer that is of no use"
                                      : "Numerai cannot be reached");
    }
}

}  // namespace

OpenRound wait_for_round(NumeraiApi& api, util::Clock& clock,
                         const transport::RandomFraction& random, const RoundWaitOptions& options) {
    const auto end = clock.now() + options.wait;
    for (bool is_first = true;; is_first = false) {
        // A look takes time: one that began before the end is not the last, however late it is
        // over.
        const bool is_last = clock.now() >= end;
        auto found = is_last ? look(api, options, is_first ? Patience::none : Patience::has_waited)
                             : look_tolerantly(api, options, is_first);
        if (found) {
            announce(*found, api.server_now());
            return *std::move(found);
        }
        if (is_last) {
            throw util::Error(util::ErrorKind::rejected,
                              found.error() +
                                  (options.wait > milliseconds(0)
                                       ? ", after waiting " + spoken_duration(options.wait)
                                       : std::string()) +
                                  std::string(kWhenRoundsOpen) +
                                  ": run then, or wait for the next one (--wait DURATION)");
        }
        const auto range =
            static_cast<double>((options.longest_pause - options.shortest_pause).count());
        const auto pause =
            options.shortest_pause + milliseconds(static_cast<milliseconds::rep>(range * random()));
        const auto left = std::max<milliseconds>(end - clock.now(), milliseconds(0));
        const auto shortened = std::min<milliseconds>(pause, left);
        spdlog::info("{}; looking again in {}", found.error(), spoken_duration(shortened));
        clock.sleep_for(shortened);
    }
}

OpenRound open_round(NumeraiApi& api, transport::Late late) {
    auto found = look(api, {.late = late}, Patience::none);
    if (!found) {
        throw util::Error(util::ErrorKind::rejected, found.error() + std::string(kWhenRoundsOpen));
    }
    announce(*found, api.server_now());
    return *std::move(found);
}

void confirm_round(NumeraiApi& api, const OpenRound& open) {
    std::optional<Round> current;
    try {
        current = api.current_round();
    } catch (const util::Error& error) {
        if (error.kind() != util::ErrorKind::network && error.kind() != util::ErrorKind::rejected) {
            throw;
        }
        spdlog::warn("cannot find out whether round {} is still open: {}", open.round.number,
                     error.what());
        return;
    }
    const auto closes = open.closes();
    if (!current && closes && api.server_now() < *closes) {
        spdlog::warn("Numerai knows of no open round, but round {} should close at {}: going on",
                     open.round.number, format_iso_time(*closes));
        return;
    }
    if (!current) {
        throw util::Error(util::ErrorKind::rejected,
                          fmt::format("round {} closed meanwhile; nothing was sent: run again when "
                                      "the next one is open",
                                      open.round.number));
    }
    const bool both_known = current->number != 0 && open.round.number != 0;
    if (both_known && current->number != open.round.number) {
        throw util::Error(util::ErrorKind::rejected,
                          fmt::format("round {} has opened, and these predictions are for round "
                                      "{}; nothing was sent: run again for its data",
                                      current->number, open.round.number));
    }
}

void require_time_left(const OpenRound& open, util::Clock::TimePoint server_now) {
    const Round& round = open.round;
    if (!round.takes_submissions_at(server_now, open.late)) {
        throw util::Error(util::ErrorKind::rejected,
                          describe(round, server_now, open.late) + "; nothing was sent");
    }
    const auto closes = open.closes();
    if (closes && *closes - server_now < kClosesSoon) {
        spdlog::warn("round {} closes in {}", round.number, spoken_duration(*closes - server_now));
    }
}

}  // namespace erawise::acquire
