#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "acquire/round_data.h"
#include "transport/numerai_api.h"
#include "transport/retry.h"
#include "transport/round.h"
#include "util/clock.h"

namespace erawise::acquire {

struct RoundWaitOptions {
    /// How long to wait for a round and its data. Zero: look once.
    std::chrono::milliseconds wait{0};
    transport::Late late = transport::Late::refuse;

    /// The dataset that has to be there as well: "v5.3/live.parquet". Empty: none.
    std::string file{};
    Freshness freshness = Freshness::strict;

    /// Between two looks passes a random time of this range: rounds open hours late at times, and
    /// many clients wait for the same one.
    std::chrono::milliseconds shortest_pause = std::chrono::seconds(15);
    std::chrono::milliseconds longest_pause = std::chrono::seconds(60);
};

/// A round to submit to.
struct OpenRound {
    transport::Round round;
    /// A presigned URL of the dataset (a secret); empty when none was asked.
    std::string data_url{};
    /// The key in that URL seems to be of another round: it is taken all the same.
    bool data_key_is_settled = false;
    transport::Late late = transport::Late::refuse;

    /// When submissions end that are wanted, in the server's time.
    [[nodiscard]] std::optional<util::Clock::TimePoint> closes() const {
        return late == transport::Late::allow && round.close_time ? round.close_time
                                                                  : round.close_staking_time;
    }
};

/// The round that is open now, or that opens while it waits, once its data is there. Says in the
/// log how much time is left. Times are compared with the server's clock.
///
/// While there is time to wait, a round that takes late submissions only is not taken, since the
/// next one may open; and an outage, or an odd answer after the first, is a reason to wait. What
/// keys of data mean is not documented: with ten minutes left to the close, or at the end of the
/// wait, data that seems to be of another round is taken with a warning. Should it be, Numerai
/// refuses its ids, and nothing is lost.
///
/// Throws Error(rejected) when none is open in time, Error(network) when the API cannot be reached
/// (while there is time to wait, that is a warning), Error(cancelled) on a stop signal.
OpenRound wait_for_round(transport::NumeraiApi& api, util::Clock& clock,
                         const transport::RandomFraction& random, const RoundWaitOptions& options);

/// The round that is open now, whatever its data. Says in the log how much time is left.
/// Error(rejected) when there is none, or when it takes late submissions only and these are not
/// wanted.
OpenRound open_round(transport::NumeraiApi& api, transport::Late late);

/// Asks again, before anything is sent, whether this round is the open one. Error(rejected) when it
/// closed meanwhile, or when the next one opened. An API that cannot be reached, or that knows of
/// no round before this one's close, is only a warning: what follows will tell.
void confirm_round(transport::NumeraiApi& api, const OpenRound& open);

/// Error(rejected) with the remedy when the round's time is over; a warning when little is left.
void require_time_left(const OpenRound& open, util::Clock::TimePoint server_now);

}  // namespace erawise::acquire
