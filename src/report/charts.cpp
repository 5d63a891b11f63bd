#include "report/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/text.h"
#include "util/byte_size.h"

namespace erawise {
namespace {

constexpr double kMemoryHeight = 190;  // pixels of the plot
constexpr double kRowHeight = 30;      // of a stage
constexpr double kBusyRowHeight = 22;  // of the work within a stage
constexpr double kLeastShare = 0.004;  // of the width, so that short stages are seen
constexpr double kCurveUnits = 1000;   // width of a curve's own coordinates

/// Where a moment lies on the width of the page, from 0 to 1. A wait that takes most of the run is
/// drawn as a sixth of it.
class TimeAxis {
  public:
    explicit TimeAxis(const RunReport& report) : whole_(std::max(report.wall_seconds, 1e-6)) {
        for (const StageSpan& span : report.timeline.spans()) {
            whole_ = std::max(whole_, span.end_seconds);
            if (span.name == "wait") {
                wait_begin_ = span.begin_seconds;
                wait_ = span.end_seconds - span.begin_seconds;
            }
        }
        const double rest = whole_ - wait_;
        const double drawn = rest / 5;
        if (wait_ > drawn) {
            scale_of_wait_ = drawn / wait_;
        }
        drawn_ = rest + wait_ * scale_of_wait_;
    }

    [[nodiscard]] double share(double seconds) const {
        const double waited = std::clamp(seconds - wait_begin_, 0.0, wait_);
        const double position = seconds - waited * (1 - scale_of_wait_);
        return std::clamp(position / std::max(drawn_, 1e-9), 0.0, 1.0);
    }
    [[nodiscard]] bool shortens_wait() const { return scale_of_wait_ < 1; }
    [[nodiscard]] double seconds() const { return whole_; }

  private:
    double whole_;
    double wait_begin_ = 0;
    double wait_ = 0;
    double scale_of_wait_ = 1;
    double drawn_ = 0;
};

/// 1, 2 or 5 times a power of ten, of MiB: about three lines below `top_bytes`.
double grid_step(double top_bytes) {
    const double rough = top_bytes / double(util::kMiB) / 3;
    const double power = std::pow(10, std::floor(std::log10(std::max(rough, 1e-3))));
    const double leading = rough / power;
    const double nice = leading < 1.5 ? 1 : leading < 3.5 ? 2 : leading < 7.5 ? 5 : 10;
    return nice * power * double(util::kMiB);
}

/// A curve in a box of its own that is stretched to the width.
std::string curve_box(double top, double height, const std::string& paths) {
    return fmt::format(
        "<svg x='0' y='{:.0f}' width='100%' height='{:.0f}' viewBox='0 0 {} 100' "
        "preserveAspectRatio='none'>{}</svg>",
        top, height, kCurveUnits, paths);
}

std::string area_and_line(const std::string& points, double first_x, double last_x) {
    return fmt::format(
        "<path class='area' d='M{0:.1f},100L{1}L{2:.1f},100Z'/>"
        "<path class='line' vector-effect='non-scaling-stroke' d='M{1}'/>",
        first_x, points, last_x);
}

struct MemoryScale {
    double top;  ///< bytes at the upper end of the plot
    bool shows_cap;
};

/// A cap that is far above the peak would press the curve to the ground: it is then only named.
MemoryScale memory_scale(const RunReport& report) {
    const auto peak = double(std::max<std::uint64_t>(report.peak_rss_bytes, util::kMiB));
    const auto cap = double(report.memory_limit_bytes.value_or(0));
    const bool shows_cap = cap > 0 && cap < 8 * peak;
    return {1.12 * (shows_cap ? std::max(cap, peak) : peak * 1.2), shows_cap};
}

std::string memory_curve(const RunReport& report, const TimeAxis& axis, const MemoryScale& scale) {
    std::string points;
    const auto& samples = report.timeline.samples();
    double x = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        x = axis.share(samples[i].seconds) * kCurveUnits;
        points += fmt::format("{}{:.1f},{:.2f}", i == 0 ? "" : " ", x,
                              100 * (1 - double(samples[i].bytes) / scale.top));
    }
    return points.empty() ? "" : curve_box(0, kMemoryHeight, area_and_line(points, 0, x));
}

/// Lines and their names, below whatever stands at the upper end.
std::string memory_grid(const RunReport& report, const MemoryScale& scale) {
    std::string grid;
    const double step = grid_step(scale.top);
    const double end = scale.shows_cap ? double(report.memory_limit_bytes.value_or(0)) : scale.top;
    for (double bytes = step; bytes < end - 0.12 * scale.top; bytes += step) {
        const double y = kMemoryHeight * (1 - bytes / scale.top);
        grid += fmt::format(
            "<line class='grid' x1='0' x2='100%' y1='{0:.1f}' y2='{0:.1f}'/>"
            "<text class='tick' x='0' y='{1:.1f}'>{2}</text>",
            y, y - 4, number_text(bytes / double(util::kMiB)) + " MiB");
    }
    return grid;
}

std::string cap_line(const RunReport& report, const MemoryScale& scale) {
    if (!report.memory_limit_bytes) {
        return "<text class='tick' x='100%' y='14' text-anchor='end'>no cap</text>";
    }
    const std::string name = "cap " + util::format_byte_size(*report.memory_limit_bytes);
    if (!scale.shows_cap) {
        return fmt::format(
            "<text class='cap-name' x='100%' y='14' text-anchor='end'>{} is far "
            "above</text>",
            name);
    }
    const double y = kMemoryHeight * (1 - double(*report.memory_limit_bytes) / scale.top);
    return fmt::format(
        "<line class='cap' x1='0' x2='100%' y1='{0:.1f}' y2='{0:.1f}'/>"
        "<text class='cap-name' x='100%' y='{1:.1f}' text-anchor='end'>{2}</text>",
        y, y - 6, name);
}

/// A dot at the largest sample, with its name on the side where there is room.
std::string peak_mark(const RunReport& report, const TimeAxis& axis, const MemoryScale& scale) {
    const auto& samples = report.timeline.samples();
    const auto largest = std::ranges::max_element(samples, {}, &MemorySample::bytes);
    if (largest == samples.end()) {
        return "";
    }
    const double share = axis.share(largest->seconds);
    const double y = kMemoryHeight * (1 - double(largest->bytes) / scale.top);
    const bool is_right = share > 0.6;
    return fmt::format(
        "<circle class='peak' cx='{0:.2f}%' cy='{1:.1f}' r='4'/>"
        "<text class='peak-name' x='{0:.2f}%' y='{2:.1f}' dx='{3}' text-anchor='{4}'>peak {5}"
        "</text>",
        100 * share, y, y - 9, is_right ? 4 : -4, is_right ? "end" : "start",
        util::format_byte_size(largest->bytes));
}

struct Bar {
    std::string name;
    double begin;  ///< share of the width
    double end;
    double seconds;
    bool is_wait = false;
    bool is_busy = false;  ///< work within the stage above
};

/// The stages in order; below `predict` what its parts worked, which overlap.
std::vector<Bar> bars_of(const RunReport& report, const TimeAxis& axis) {
    std::vector<Bar> bars;
    for (const StageSpan& span : report.timeline.spans()) {
        bars.push_back({span.name, axis.share(span.begin_seconds), axis.share(span.end_seconds),
                        span.end_seconds - span.begin_seconds,
                        span.name == "wait" && axis.shortens_wait()});
        if (span.name != "predict") {
            continue;
        }
        for (const auto& [name, seconds] : report.stages) {
            if (!std::ranges::contains(report.timeline.spans(), name, &StageSpan::name)) {
                bars.push_back({name, axis.share(span.begin_seconds),
                                axis.share(span.begin_seconds + seconds), seconds, false, true});
            }
        }
    }
    return bars;
}

/// The name beside the bar, or in it where it is long.
std::string bar_name(const Bar& bar, double end, double middle) {
    const std::string text =
        fmt::format("{} <tspan class='soft'>{}{}</tspan>", html_escape(bar.name),
                    duration_text(bar.seconds), bar.is_wait ? ", not to scale" : "");
    const char* const kind = bar.is_busy ? "busy-name" : "stage-name";
    if (end - bar.begin > 0.5 && !bar.is_busy && !bar.is_wait) {
        return fmt::format("<text class='{} inside' x='{:.2f}%' y='{:.1f}' dx='10'>{}</text>", kind,
                           100 * bar.begin, middle, text);
    }
    const bool is_right = 1 - end >= bar.begin;
    return fmt::format("<text class='{}' x='{:.2f}%' y='{:.1f}' dx='{}' text-anchor='{}'>{}</text>",
                       kind, 100 * (is_right ? end : bar.begin), middle, is_right ? 8 : -8,
                       is_right ? "start" : "end", text);
}

std::string draw_bar(const Bar& bar, double top) {
    const double row = bar.is_busy ? kBusyRowHeight : kRowHeight;
    const double height = bar.is_busy ? 6 : 20;
    const double end = std::min(1.0, std::max(bar.end, bar.begin + kLeastShare));
    const double begin = std::min(bar.begin, 1 - kLeastShare);
    const double middle = top + row / 2;
    return fmt::format(
               "<rect class='{}' x='{:.2f}%' y='{:.1f}' width='{:.2f}%' height='{}' rx='{}'/>",
               bar.is_wait   ? "wait"
               : bar.is_busy ? "busy"
                             : "stage",
               100 * begin, middle - height / 2, 100 * (end - begin), height, bar.is_busy ? 3 : 4) +
           bar_name(bar, end, middle + 4);
}

/// The ends of the stages through the memory plot, so that both read as one.
std::string stage_guides(const std::vector<Bar>& bars, double bottom) {
    std::string guides;
    double last = 0;
    for (const Bar& bar : bars) {
        if (!bar.is_busy && bar.end - last > 0.02 && bar.end < 0.995) {
            guides +=
                fmt::format("<line class='guide' x1='{0:.2f}%' x2='{0:.2f}%' y1='0' y2='{1:.0f}'/>",
                            100 * bar.end, bottom);
            last = bar.end;
        }
    }
    return guides;
}

}  // namespace

std::string run_chart(const RunReport& report) {
    if (report.timeline.spans().empty()) {
        return "";
    }
    const TimeAxis axis(report);
    const MemoryScale scale = memory_scale(report);
    const std::vector<Bar> bars = bars_of(report, axis);
    const double first_row = kMemoryHeight + 30;
    std::string rows;
    double top = first_row;
    for (const Bar& bar : bars) {
        rows += draw_bar(bar, top);
        top += bar.is_busy ? kBusyRowHeight : kRowHeight;
    }
    const std::string ends = fmt::format(
        "<line class='axis' x1='0' x2='100%' y1='{0:.1f}' y2='{0:.1f}'/>"
        "<text class='tick' x='0' y='{1:.0f}'>0 s</text>"
        "<text class='tick' x='100%' y='{1:.0f}' text-anchor='end'>{2}</text>",
        kMemoryHeight, kMemoryHeight + 17, duration_text(axis.seconds()));
    return fmt::format(
        "<svg class='chart' width='100%' height='{:.0f}' role='img' aria-label='Memory over time, "
        "and the stages of the run'>{}{}{}{}{}{}{}</svg>\n",
        top + 4, stage_guides(bars, top), memory_curve(report, axis, scale),
        memory_grid(report, scale), cap_line(report, scale), peak_mark(report, axis, scale), ends,
        rows);
}

std::string distribution_chart(const util::Histogram& distribution) {
    constexpr double kHeight = 96;
    constexpr std::size_t kMaxPoints = 64;  // more of them would show chance
    const auto bins = distribution.counts();
    if (bins.empty()) {
        return "";
    }
    const std::size_t per_point = bins.size() > kMaxPoints ? 2 : 1;
    std::vector<std::uint64_t> counts((bins.size() + per_point - 1) / per_point);
    for (std::size_t i = 0; i < bins.size(); ++i) {
        counts[i / per_point] += bins[i];
    }
    const auto highest = double(std::ranges::max(counts));
    const double step = kCurveUnits * double(per_point) / double(bins.size());
    std::string points = "0,100";
    for (std::size_t i = 0; i < counts.size(); ++i) {
        points += fmt::format(" {:.1f},{:.2f}", std::min((double(i) + 0.5) * step, kCurveUnits),
                              100 - 96 * double(counts[i]) / highest);
    }
    points += fmt::format(" {},100", kCurveUnits);
    const double width = distribution.bin_width() * double(bins.size());
    const double mean = 100 * (distribution.mean() - distribution.lower_end()) / width;
    return fmt::format(
        "<svg class='chart' width='100%' height='{0:.0f}' role='img' aria-label='Distribution of "
        "predictions'>{1}<line class='mean' x1='{2:.2f}%' x2='{2:.2f}%' y1='0' y2='{0:.0f}'/>"
        "<line class='axis' x1='0' x2='100%' y1='{3:.1f}' y2='{3:.1f}'/></svg>\n",
        kHeight, curve_box(0, kHeight, area_and_line(points, 0, kCurveUnits)), mean, kHeight - 0.5);
}

std::string score_chart(const ScoreReport& score, stats::ScoreKind kind) {
    constexpr double kHeight = 150;
    std::vector<std::pair<std::string_view, double>> sums;
    double sum = 0;
    for (const stats::EraScore& era : score.eras) {
        if (const auto value = stats::value_of(era, kind)) {
            sum += *value;
            sums.emplace_back(era.era, sum);
        }
    }
    if (sums.size() < 2) {
        return "";
    }
    const auto of_sum = [](const auto& it) { return it.second; };
    const double top = std::max(0.0, std::ranges::max(sums, {}, of_sum).second);
    const double bottom = std::min(0.0, std::ranges::min(sums, {}, of_sum).second);
    const double span = std::max(top - bottom, 1e-12);
    const auto y_of = [&](double value) { return 3 + 94 * (top - value) / span; };
    std::string points;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        points +=
            fmt::format("{}{:.1f},{:.2f}", i == 0 ? "" : " ",
                        kCurveUnits * double(i) / double(sums.size() - 1), y_of(sums[i].second));
    }
    return fmt::format(
        "<svg class='chart' width='100%' height='{0:.0f}' role='img' aria-label='Cumulative {1}'>"
        "<line class='axis' x1='0' x2='100%' y1='{2:.1f}' y2='{2:.1f}'/>{3}</svg>\n"
        "<p class='ends'><span>{4}</span><span>cumulative {1}: {5}</span><span>{6}</span></p>\n",
        kHeight, stats::name_of(kind), kHeight * y_of(0) / 100,
        curve_box(
            0, kHeight,
            fmt::format("<path class='line' vector-effect='non-scaling-stroke' d='M{}'/>", points)),
        html_escape(sums.front().first), number_text(sum), html_escape(sums.back().first));
}

std::string era_chart(const RunReport& report) {
    constexpr double kHeight = 72;
    constexpr std::size_t kMaxColumns = 96;
    const auto& eras = report.rows_by_era;
    if (eras.size() < 2) {
        return "";
    }
    const std::size_t per_column = (eras.size() + kMaxColumns - 1) / kMaxColumns;
    std::vector<double> columns;
    for (std::size_t i = 0; i < eras.size(); i += per_column) {
        const std::size_t end = std::min(eras.size(), i + per_column);
        double rows = 0;
        for (std::size_t era = i; era < end; ++era) {
            rows += double(eras[era].second);
        }
        columns.push_back(rows / double(end - i));
    }
    const double highest = std::ranges::max(columns);
    const double step = 100 / double(columns.size());
    std::string bars;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const double height = std::max(1.0, (kHeight - 1) * columns[i] / highest);
        bars += fmt::format(
            "<rect class='column' x='{:.2f}%' y='{:.1f}' width='{:.2f}%' height='{:.1f}'/>",
            (double(i) + 0.1) * step, kHeight - height, 0.8 * step, height);
    }
    return fmt::format(
        "<svg class='chart' width='100%' height='{:.0f}' role='img' aria-label='Rows by era'>{}"
        "</svg>\n<p class='ends'><span>{}</span><span>{}</span><span>{}</span></p>\n",
        kHeight, bars, html_escape(eras.front().first),
        per_column > 1 ? fmt::format("{} eras a column", per_column) : std::string(),
        html_escape(eras.back().first));
}

}  // namespace erawise
