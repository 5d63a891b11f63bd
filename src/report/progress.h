#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "config/config.h"
#include "util/terminal.h"

namespace erawise {

enum class ProgressStyle : std::uint8_t {
    bar,    ///< one line on a terminal that is written again and again
    lines,  ///< a log line now and then
    none
};

/// What `config.progress` asks for on the standard error that there is.
ProgressStyle progress_style(const Config& config);

/// Shows how far a stage is, in bytes of the file, with rate, time left and resident memory.
///
/// Measured in bytes consumed, so that nothing has to be counted beforehand. A bar is one line that
/// fits the terminal, appears when the stage takes longer than a moment, and is gone at its end:
/// the log line that follows tells the result. Log lines that come meanwhile replace it
/// (util/log.h). One thread at a time.
class ProgressDisplay {
  public:
    /// `memory_cap`: shown beside the resident memory.
    ProgressDisplay(ProgressStyle style, std::string stage, std::uint64_t total_bytes,
                    std::optional<std::uint64_t> memory_cap);
    ~ProgressDisplay();
    ProgressDisplay(const ProgressDisplay&) = delete;
    ProgressDisplay& operator=(const ProgressDisplay&) = delete;

    /// Shows the state when it is time to; cheap otherwise.
    void update(std::uint64_t consumed_bytes, std::uint64_t rows);

    void set_total(std::uint64_t total_bytes) noexcept { total_bytes_ = total_bytes; }

  private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] double fraction(std::uint64_t consumed_bytes) const;
    [[nodiscard]] std::string describe(std::uint64_t consumed_bytes, std::uint64_t rows) const;
    void draw(double fraction, const std::string& text);

    ProgressStyle style_;
    std::string stage_;
    std::uint64_t total_bytes_;
    std::optional<std::uint64_t> memory_cap_;
    util::Terminal terminal_ = util::error_terminal();
    Clock::time_point start_ = Clock::now();
    Clock::time_point next_;
    bool drawn_ = false;
};

}  // namespace erawise
