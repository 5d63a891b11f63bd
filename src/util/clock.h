#pragma once

#include <time.h>

#include <chrono>

#include "util/stop_signal.h"

namespace erawise::util {

/// Time, as the stages that wait see it. Tests put their own in its place and never sleep.
class Clock {
  public:
    using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

    virtual ~Clock() = default;
    [[nodiscard]] virtual TimePoint now() = 0;

    /// Waits. Throws Error(cancelled) when a stop signal arrives meanwhile.
    virtual void sleep_for(std::chrono::milliseconds duration) = 0;
};

/// The machine's clock as it was at first, and what has passed since, suspended or not: a clock
/// that is set right in the middle of a run ends no wait and moves no deadline. Its sleeps listen
/// to `stop`, which must outlive it.
class SystemClock final : public Clock {
  public:
    explicit SystemClock(const StopSignal& stop)
        : stop_(stop),
          offset_(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) -
                  since_boot()) {}

    TimePoint now() override { return offset_ + since_boot(); }
    void sleep_for(std::chrono::milliseconds duration) override {
        stop_.wait_for(duration);
        stop_.throw_if_requested();
    }

  private:
    static std::chrono::milliseconds since_boot() noexcept {
        timespec time{};
        clock_gettime(CLOCK_BOOTTIME, &time);
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
    }

    const StopSignal& stop_;
    TimePoint offset_;
};

}  // namespace erawise::util
