#include "report/timeline.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace erawise {
namespace {

double steady_seconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

}  // namespace

RunTimeline::RunTimeline() : RunTimeline(steady_seconds, util::resident_memory) {}

RunTimeline::RunTimeline(Clock clock, Memory memory)
    : clock_(std::move(clock)), memory_(std::move(memory)), start_(clock_()) {}

void RunTimeline::watch_memory() {
    watches_memory_ = true;
    samples_.reserve(kMaxSamples);
    sample(now());
}

void RunTimeline::tick() {
    if (!watches_memory_) {
        return;
    }
    if (const double seconds = now(); seconds >= next_) {
        sample(seconds);
    }
}

std::size_t RunTimeline::begin(std::string_view stage) {
    const double seconds = now();
    spans_.push_back({std::string(stage), seconds, seconds});
    sample(seconds);
    return spans_.size() - 1;
}

double RunTimeline::end(std::size_t stage) {
    StageSpan& span = spans_.at(stage);
    span.end_seconds = now();
    sample(span.end_seconds);
    return span.end_seconds - span.begin_seconds;
}

std::uint64_t RunTimeline::largest_sample() const noexcept {
    const auto largest = std::ranges::max_element(samples_, {}, &MemorySample::bytes);
    return largest != samples_.end() ? largest->bytes : 0;
}

void RunTimeline::sample(double seconds) {
    if (!watches_memory_) {
        return;
    }
    const util::ResidentMemory memory = memory_();
    const bool is_new_peak = memory.peak_bytes > known_peak_;
    known_peak_ = std::max(known_peak_, memory.peak_bytes);
    if (samples_.size() >= kMaxSamples) {
        thin_out();
    }
    samples_.push_back({seconds, is_new_peak ? memory.peak_bytes : memory.now_bytes});
    next_ = seconds + pause_;
}

void RunTimeline::thin_out() {
    for (std::size_t i = 0; i + 1 < samples_.size(); i += 2) {
        const MemorySample& first = samples_[i];
        const MemorySample& second = samples_[i + 1];
        samples_[i / 2] = first.bytes >= second.bytes ? first : second;
    }
    samples_.resize(samples_.size() / 2);
    pause_ *= 2;
}

}  // namespace erawise
