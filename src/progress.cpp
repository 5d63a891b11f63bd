#include "progress.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>

#include "util/byte_size.h"
#include "util/memory_limit.h"

namespace erawise {
namespace {

constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::seconds kLineInterval{15};
constexpr int kBarWidth = 24;

}  // namespace

ProgressDisplay::ProgressDisplay(ProgressStyle style, std::string stage, std::uint64_t total_bytes,
                                 std::optional<std::uint64_t> memory_cap)
    : style_(style),
      stage_(std::move(stage)),
      total_bytes_(total_bytes),
      memory_cap_(memory_cap),
      next_(start_ + (style == ProgressStyle::bar ? Clock::duration(kBarInterval)
                                                  : Clock::duration(kLineInterval))) {}

ProgressDisplay::~ProgressDisplay() {
    if (drawn_) {
        std::fputs("\r\x1b[K", stderr);  // the log line that follows tells the result
    }
}

void ProgressDisplay::update(std::uint64_t consumed_bytes, std::uint64_t rows) {
    if (style_ == ProgressStyle::none || Clock::now() < next_) {
        return;
    }
    const std::string text = describe(consumed_bytes, rows);
    if (style_ == ProgressStyle::lines) {
        next_ = Clock::now() + kLineInterval;
        spdlog::info("{}: {}", stage_, text);
        return;
    }
    next_ = Clock::now() + kBarInterval;
    draw(total_bytes_ > 0 ? double(consumed_bytes) / double(total_bytes_) : 0, text);
}

std::string ProgressDisplay::describe(std::uint64_t consumed_bytes, std::uint64_t rows) const {
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const double fraction =
        total_bytes_ > 0 ? std::min(1.0, double(consumed_bytes) / double(total_bytes_)) : 0;
    std::string text = fmt::format("{:3.0f} %", 100 * fraction);
    if (rows > 0) {
        text += fmt::format("  {} rows  {:.0f} rows/s", rows, double(rows) / seconds);
    } else {
        text += fmt::format(
            "  {}/s",
            util::format_byte_size(static_cast<std::uint64_t>(double(consumed_bytes) / seconds)));
    }
    if (fraction > 0.01) {
        text += fmt::format("  {:.0f} s left", seconds * (1 - fraction) / fraction);
    }
    text += fmt::format("  RSS {}", util::format_byte_size(util::current_rss_bytes()));
    if (memory_cap_) {
        text += fmt::format(" of {}", util::format_byte_size(*memory_cap_));
    }
    return text;
}

void ProgressDisplay::draw(double fraction, const std::string& text) {
    const int filled = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * kBarWidth);
    fmt::print(stderr, "\r\x1b[K{} [{:#<{}}{:.<{}}] {}", stage_, "", filled, "", kBarWidth - filled,
               text);
    std::fflush(stderr);
    drawn_ = true;
}

}  // namespace erawise
