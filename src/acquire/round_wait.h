#pragma once

#include <chrono>

#include "transport/numerai_api.h"
#include "transport/retry.h"
#include "transport/round.h"
#include "util/clock.h"

namespace erawise::acquire {

struct RoundWaitOptions {
    /// How long to wait for a round. Zero: look once.
    std::chrono::milliseconds wait{0};

    /// Between two looks passes a random time of this range: rounds open hours late at times, and
    /// many clients wait for the same one.
    std::chrono::milliseconds shortest_pause = std::chrono::seconds(15);
    std::chrono::milliseconds longest_pause = std::chrono::seconds(60);

    /// A round that closes within this time is reported as a warning.
    std::chrono::milliseconds closes_soon = std::chrono::minutes(10);
};

/// The round that is open now, or that opens while it waits. Says in the log how much time is left.
///
/// Throws Error(rejected) when none is open in time, Error(network) when the API cannot be reached
/// (while there is time to wait, that is a warning), Error(cancelled) on a stop signal.
transport::Round wait_for_round(transport::NumeraiApi& api, util::Clock& clock,
                                const transport::RandomFraction& random,
                                const RoundWaitOptions& options);

}  // namespace erawise::acquire
