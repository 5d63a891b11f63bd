#pragma once

#include <cstdint>
#include <optional>

#include "util/clock.h"

namespace erawise::transport {

/// What is done in the time after a round's on-time window, when submissions are taken, scored, and
/// not staked on.
enum class Late : std::uint8_t { refuse, allow };

/// A round of the tournament. Times are UTC; what the API left out is empty.
struct Round {
    int number = 0;  ///< 0: not known
    std::optional<util::Clock::TimePoint> open_time;
    std::optional<util::Clock::TimePoint> close_staking_time;  ///< end of the on-time window
    std::optional<util::Clock::TimePoint> close_time;          ///< end of late submissions
    std::optional<int> data_datestamp;                         ///< yyyymmdd

    /// Whether a submission would be on time now: open <= now < close of staking. A bound that is
    /// not known does not refuse.
    [[nodiscard]] bool is_open_at(util::Clock::TimePoint now) const {
        return !(open_time && now < *open_time) &&
               !(close_staking_time && now >= *close_staking_time);
    }

    /// Whether a submission would be taken now, but late: scored, and not staked on.
    [[nodiscard]] bool is_late_at(util::Clock::TimePoint now) const {
        return close_staking_time && now >= *close_staking_time &&
               !(close_time && now >= *close_time);
    }

    [[nodiscard]] bool takes_submissions_at(util::Clock::TimePoint now, Late late) const {
        return is_open_at(now) || (late == Late::allow && is_late_at(now));
    }
};

}  // namespace erawise::transport
