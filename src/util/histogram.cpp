#include "util/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace erawise::util {
namespace {

/// Bins are not narrower than this share of the largest value: more bits than a float has tell
/// nothing in a picture.
constexpr int kFloatBits = 24;

}  // namespace

void Histogram::add(std::span<const double> values) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    double sum = 0;
    std::uint64_t finite = 0;
    for (const double value : values) {
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
            sum += value;
            ++finite;
        }
    }
    not_finite_ += values.size() - finite;
    if (finite == 0) {
        return;
    }
    make_room(low, high);
    const double mean = sum / double(finite);
    double squares = 0;
    for (const double value : values) {
        if (std::isfinite(value)) {
            squares += (value - mean) * (value - mean);
            ++counts_.at(static_cast<std::size_t>(position(value) - first_));
        }
    }
    merge_moments(double(finite), mean, squares);
    count_ += finite;
}

double Histogram::standard_deviation() const noexcept {
    return count_ > 0 ? std::sqrt(squares_ / double(count_)) : 0;
}

std::span<const std::uint64_t> Histogram::counts() const noexcept {
    if (count_ == 0) {
        return {};
    }
    const auto from = static_cast<std::size_t>(position(minimum_) - first_);
    const auto to = static_cast<std::size_t>(position(maximum_) - first_);
    return std::span(counts_).subspan(from, to - from + 1);
}

double Histogram::lower_end() const noexcept {
    return count_ > 0 ? double(position(minimum_)) * bin_width() : 0;
}

double Histogram::bin_width() const noexcept {
    return std::ldexp(1.0, exponent_);
}

std::int64_t Histogram::position(double value) const noexcept {
    return static_cast<std::int64_t>(std::floor(std::ldexp(value, -exponent_)));
}

/// Widens bins until both values have one, and moves what was counted.
void Histogram::make_room(double minimum, double maximum) {
    const bool is_first = count_ == 0;
    minimum_ = is_first ? minimum : std::min(minimum_, minimum);
    maximum_ = is_first ? maximum : std::max(maximum_, maximum);
    const int old_exponent = exponent_;
    const double largest = std::max(std::abs(minimum_), std::abs(maximum_));
    const int narrowest = largest > 0 ? std::ilogb(largest) - kFloatBits : -kFloatBits;
    exponent_ = is_first ? narrowest : std::max(exponent_, narrowest);
    const auto spread = [&] { return position(maximum_) - position(minimum_) + 1; };
    while (spread() > static_cast<std::int64_t>(kBins)) {
        ++exponent_;
    }
    const auto slack = (static_cast<std::int64_t>(kBins) - spread()) / 2;
    const bool all_fit = !is_first && exponent_ == old_exponent && position(minimum_) >= first_ &&
                         position(maximum_) < first_ + static_cast<std::int64_t>(kBins);
    if (all_fit) {
        return;
    }
    const int shift = std::min(exponent_ - old_exponent, 62);  // positions are below 2^25
    const std::int64_t old_first = first_;
    const auto old_counts = counts_;
    first_ = position(minimum_) - slack;
    counts_.fill(0);
    for (std::size_t i = 0; i < kBins; ++i) {
        if (old_counts.at(i) > 0) {
            const std::int64_t bin = (old_first + static_cast<std::int64_t>(i)) >> shift;
            counts_.at(static_cast<std::size_t>(bin - first_)) += old_counts.at(i);
        }
    }
}

void Histogram::merge_moments(double count, double mean, double squares) noexcept {
    const double before = double(count_);
    const double all = before + count;
    const double distance = mean - mean_;
    squares_ += squares + distance * distance * before * count / all;
    mean_ += distance * count / all;
}

}  // namespace erawise::util
