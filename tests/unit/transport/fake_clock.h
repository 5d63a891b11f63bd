#pragma once

#include <chrono>
#include <vector>

#include "util/clock.h"

namespace erawise::test {

/// A clock whose sleeps pass at once and are remembered. Starts at 2026-03-27T12:00:00Z, a Friday.
class FakeClock final : public util::Clock {
  public:
    TimePoint now() override { return now_; }
    void sleep_for(std::chrono::milliseconds duration) override {
        sleeps_.push_back(duration);
        now_ += duration;
    }
    void advance(std::chrono::milliseconds duration) { now_ += duration; }

    [[nodiscard]] const std::vector<std::chrono::milliseconds>& sleeps() const { return sleeps_; }

  private:
    TimePoint now_ =
        std::chrono::sys_days(std::chrono::year(2026) / 3 / 27) + std::chrono::hours(12);
    std::vector<std::chrono::milliseconds> sleeps_;
};

}  // namespace erawise::test
