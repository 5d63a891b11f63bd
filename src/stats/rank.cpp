#include "stats/rank.h"

#include <unsupported/Eigen/SpecialFunctions>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace erawise::stats {

void rank_within_era(std::span<const double> values, std::vector<std::uint32_t>& order,
                     std::span<double> ranks) {
    const std::size_t n = values.size();
    order.resize(n);
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order,
                      [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
    for (std::size_t first = 0; first < n;) {
        std::size_t last = first + 1;
        while (last < n && values[order[last]] == values[order[first]]) {
            ++last;
        }
        // Positions first + 1 to last, counted from 1, share their average.
        const double average = (static_cast<double>(first + 1) + static_cast<double>(last)) / 2.0;
        for (std::size_t i = first; i < last; ++i) {
            ranks[order[i]] = (average - 0.5) / static_cast<double>(n);
        }
        first = last;
    }
}

void normal_quantiles(std::span<double> ranks) {
    for (double& rank : ranks) {
        rank = Eigen::numext::ndtri(rank);
    }
}

double standard_deviation(std::span<const double> values) noexcept {
    const double n = static_cast<double>(values.size());
    const double mean = std::reduce(values.begin(), values.end()) / n;
    double squares = 0;
    for (const double value : values) {
        squares += (value - mean) * (value - mean);
    }
    return std::sqrt(squares / n);
}

void normalize_deviation(std::span<double> values) {
    const double deviation = standard_deviation(values);
    if (deviation > 0) {
        for (double& value : values) {
            value /= deviation;
        }
    }
}

}  // namespace erawise::stats
