#pragma once

#include <optional>
#include <span>
#include <vector>

namespace erawise::stats {

/// Numerai's scores of one era. All spans have one value per row; a row where any of them is NaN is
/// left out. Formulas: numerai-tools, numerai_tools/scoring.py. Empty when more than a fifth of the
/// predictions or of the rows would be left out (as there), or when there is nothing to correlate:
/// fewer than two rows, or equal values.

/// CORR: Pearson's correlation of the predictions' ranks as Gaussian quantiles and the centred
/// targets, both to the power 1.5 with their sign (numerai_corr).
std::optional<double> numerai_correlation(std::span<const double> predictions,
                                          std::span<const double> targets);

/// MMC: the covariance of the centred targets (in quarters from 0 to 1: times 4) and of the
/// predictions' Gaussian ranks without what the meta model's explain (correlation_contribution).
std::optional<double> meta_model_contribution(std::span<const double> predictions,
                                              std::span<const double> meta_model,
                                              std::span<const double> targets);

/// Ranks as Gaussian quantiles, in place: tie_kept_rank, then gaussian.
void to_gaussian_ranks(std::vector<double>& values);

}  // namespace erawise::stats
