#pragma once

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

/// The machine's clock; its sleeps listen to `stop`, which must outlive it.
class SystemClock final : public Clock {
  public:
    explicit SystemClock(const StopSignal& stop) : stop_(stop) {}

    TimePoint now() override {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now());
    }
    void sleep_for(std::chrono::milliseconds duration) override {
        stop_.wait_for(duration);
        stop_.throw_if_requested();
    }

  private:
    const StopSignal& stop_;
};

}  // namespace erawise::util
