#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "util/memory_limit.h"

namespace erawise {

/// When a stage began and ended, in seconds since the run began.
struct StageSpan {
    std::string name;
    double begin_seconds = 0;
    double end_seconds = 0;  ///< before its end: the same as its begin
};

struct MemorySample {
    double seconds = 0;       ///< since the run began
    std::uint64_t bytes = 0;  ///< resident, see RunTimeline
};

/// What happened when, for the page of a run: stages, and memory now and then.
///
/// Memory is looked at between batches and at the ends of stages, by the thread that does the
/// work: no thread of its own. A sample is the resident set, or its peak where the kernel saw a
/// new one since the sample before: so the largest sample is the peak of the run, whatever
/// happened between two of them. Reading it takes about 50 microseconds, at most every 5 ms. When
/// there are kMaxSamples, every two become one, the larger of both, and the pause is doubled.
///
/// A value; used by one thread at a time.
class RunTimeline {
  public:
    static constexpr std::size_t kMaxSamples = 512;  ///< 8 KiB
    static constexpr double kFirstPauseSeconds = 0.005;

    using Clock = std::function<double()>;  ///< seconds since whatever
    using Memory = std::function<util::ResidentMemory()>;

    /// The clock and the memory of this process.
    RunTimeline();
    RunTimeline(Clock clock, Memory memory);

    /// Samples are wanted. Without this call there are only stages.
    void watch_memory();

    /// Takes a sample if it is time for one; cheap otherwise.
    void tick();

    /// Begins a stage; the number is for end().
    std::size_t begin(std::string_view stage);
    /// Returns the seconds that the stage took.
    double end(std::size_t stage);

    [[nodiscard]] const std::vector<StageSpan>& spans() const noexcept { return spans_; }
    [[nodiscard]] const std::vector<MemorySample>& samples() const noexcept { return samples_; }

    [[nodiscard]] std::uint64_t largest_sample() const noexcept;  ///< bytes; 0: none was taken

  private:
    [[nodiscard]] double now() const { return clock_() - start_; }
    void sample(double seconds);
    void thin_out();

    Clock clock_;
    Memory memory_;
    double start_;
    bool watches_memory_ = false;
    double pause_ = kFirstPauseSeconds;
    double next_ = 0;
    std::uint64_t known_peak_ = 0;
    std::vector<StageSpan> spans_;
    std::vector<MemorySample> samples_;
};

}  // namespace erawise
