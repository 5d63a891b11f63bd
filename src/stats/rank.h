#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace erawise::stats {

/// Ranks within one era: (average rank - 0.5) / n, ties share the average of their ranks. Always
/// inside (0, 1), and Numerai's score depends on nothing else.
///
/// Formula: tie_kept_rank of numerai-tools, numerai_tools/scoring.py. `values` must hold no NaN.
/// `ranks` has the size of `values`; `order` is scratch that is kept from call to call.
void rank_within_era(std::span<const double> values, std::vector<std::uint32_t>& order,
                     std::span<double> ranks);

/// Replaces ranks inside (0, 1) by the quantiles of the standard normal distribution: gaussian of
/// numerai-tools.
void normal_quantiles(std::span<double> ranks);

/// Of the population (ddof 0).
[[nodiscard]] double standard_deviation(std::span<const double> values) noexcept;

/// Divides by the standard deviation (of the population), unless it is 0: variance_normalize of
/// numerai-tools.
void normalize_deviation(std::span<double> values);

}  // namespace erawise::stats
