#include "report/progress.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "report/text.h"
#include "util/byte_size.h"
#include "util/memory_limit.h"

namespace erawise {
namespace {

constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::seconds kLineInterval{15};
constexpr int kBarWidth = 28;
constexpr int kLeastBarWidth = 8;
constexpr std::size_t kStageWidth = 8;  // "download", "predict"

std::string repeated(std::string_view sign, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) {
        text += sign;
    }
    return text;
}

std::string seconds_left(double seconds) {
    return duration_text(std::max(1.0, std::ceil(seconds)));
}

}  // namespace

ProgressStyle progress_style(const Config& config) {
    const bool on_terminal = util::error_terminal().is_terminal;
    switch (config.progress) {
        case Progress::always:
            return on_terminal ? ProgressStyle::bar : ProgressStyle::lines;
        case Progress::never:
            return ProgressStyle::none;
        case Progress::automatic:
            break;
    }
    const bool bar = on_terminal && config.log.format == util::LogFormat::text;
    return bar ? ProgressStyle::bar : ProgressStyle::lines;
}

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
    if (style_ == ProgressStyle::none || consumed_bytes == 0 || Clock::now() < next_) {
        return;
    }
    const std::string text = describe(consumed_bytes, rows);
    if (style_ == ProgressStyle::lines) {
        next_ = Clock::now() + kLineInterval;
        spdlog::info("{}: {}", stage_, text);
        return;
    }
    next_ = Clock::now() + kBarInterval;
    draw(fraction(consumed_bytes), text);
}

double ProgressDisplay::fraction(std::uint64_t consumed_bytes) const {
    return total_bytes_ > 0 ? std::min(1.0, double(consumed_bytes) / double(total_bytes_)) : 0;
}

/// " 45 %  110,003 rows/s  2 s left  RSS 26.1 MiB of 64.0 MiB".
std::string ProgressDisplay::describe(std::uint64_t consumed_bytes, std::uint64_t rows) const {
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const double done = fraction(consumed_bytes);
    std::string text = total_bytes_ > 0 ? fmt::format("{:3.0f} %", 100 * done)
                                        : util::format_byte_size(consumed_bytes);
    const auto rate = [&](std::uint64_t amount) {
        return static_cast<std::uint64_t>(double(amount) / std::max(seconds, 1e-3));
    };
    text += rows > 0 ? fmt::format("  {} rows/s", grouped(rate(rows)))
                     : fmt::format("  {}/s", util::format_byte_size(rate(consumed_bytes)));
    if (done > 0.01) {
        text += fmt::format("  {} left", seconds_left(seconds * (1 - done) / done));
    }
    text += fmt::format("  RSS {}", util::format_byte_size(util::current_rss_bytes()));
    if (memory_cap_) {
        text += fmt::format(" of {}", util::format_byte_size(*memory_cap_));
    }
    return text;
}

/// The bar is as wide as the terminal has room, and left out where there is none.
void ProgressDisplay::draw(double fraction, const std::string& text) {
    const int room = static_cast<int>(terminal_.columns) -
                     static_cast<int>(kStageWidth + text.size()) -
                     4;  // blanks, and the last column
    const int width = std::min(room, kBarWidth);
    std::string bar;
    if (width >= kLeastBarWidth) {
        const int filled = static_cast<int>(fraction * width);
        bar = terminal_.has_colors
                  ? fmt::format("\x1b[36m{}\x1b[2;39m{}\x1b[0m  ", repeated("━", filled),
                                repeated("─", width - filled))
                  : fmt::format("{}{}  ", repeated("#", filled), repeated(".", width - filled));
    }
    const std::string shown =
        width >= kLeastBarWidth
            ? text
            : text.substr(
                  0, terminal_.columns > kStageWidth + 2 ? terminal_.columns - kStageWidth - 2 : 0);
    fmt::print(stderr, "\r\x1b[K{:<{}} {}{}", stage_, kStageWidth, bar, shown);
    std::fflush(stderr);
    drawn_ = true;
}

}  // namespace erawise
