#pragma once

#include <atomic>
#include <chrono>

namespace erawise::util {

/// SIGINT and SIGTERM as a value that stages look at between batches and waits listen to.
///
/// Pinned: the handler holds its address. Thread-safe.
class StopSignal {
  public:
    /// Opens the wake-up descriptor; installs nothing yet. Throws Error(disk) when the process has
    /// no descriptor left.
    StopSignal();
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    /// Catches SIGINT and SIGTERM from now on. At most one instance may do this.
    void install();

    /// Stops as if `signal` had arrived. Async-signal-safe.
    void request(int signal) noexcept;

    [[nodiscard]] bool requested() const noexcept { return signal_.load() != 0; }

    /// The signal that arrived first; 0 when none did.
    [[nodiscard]] int signal() const noexcept { return signal_.load(); }

    /// Throws Error(cancelled) when a signal arrived.
    void throw_if_requested() const;

    /// Sleeps; a signal ends the sleep at once. Returns true when one has arrived.
    bool wait_for(std::chrono::milliseconds duration) const;

  private:
    std::atomic<int> signal_{0};
    int event_descriptor_;
};

}  // namespace erawise::util
