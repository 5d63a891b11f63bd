#include "stats/correlation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "stats/rank.h"

namespace erawise::stats {
namespace {

/// max_filtered_index_ratio of numerai-tools.
constexpr double kMostLeftOut = 0.2;

double mean_of(std::span<const double> values) {
    return std::reduce(values.begin(), values.end()) / double(values.size());
}

double dot(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// |x|^1.5 with the sign of x.
double signed_power(double value) {
    return std::copysign(std::pow(std::abs(value), 1.5), value);
}

void subtract(std::span<double> values, double amount) {
    for (double& value : values) {
        value -= amount;
    }
}

/// Mean of what is there, before rows are left out: so does numerai-tools.
double mean_without_missing(std::span<const double> values) {
    double sum = 0;
    double count = 0;
    for (const double value : values) {
        if (!std::isnan(value)) {
            sum += value;
            ++count;
        }
    }
    return sum / count;
}

std::optional<double> pearson(std::vector<double>& a, std::vector<double>& b) {
    subtract(a, mean_of(a));
    subtract(b, mean_of(b));
    const double product = std::sqrt(dot(a, a)) * std::sqrt(dot(b, b));
    return product > 0 ? std::optional(dot(a, b) / product) : std::nullopt;
}

/// Targets are there for every row of an era, so that their number is that of the rows.
bool enough_left(std::size_t left, std::span<const double> predictions) {
    return left >= 2 && double(left) / double(predictions.size()) >= 1 - kMostLeftOut;
}

}  // namespace

void to_gaussian_ranks(std::vector<double>& values) {
    std::vector<std::uint32_t> order;
    const std::vector<double> copy = values;
    rank_within_era(copy, order, values);
    normal_quantiles(values);
}

std::optional<double> numerai_correlation(std::span<const double> predictions,
                                          std::span<const double> targets) {
    const double centre = mean_without_missing(targets);
    std::vector<double> predicted;
    std::vector<double> target;
    for (std::size_t row = 0; row < predictions.size(); ++row) {
        if (!std::isnan(predictions[row]) && !std::isnan(targets[row])) {
            predicted.push_back(predictions[row]);
            target.push_back(targets[row] - centre);
        }
    }
    if (!enough_left(predicted.size(), predictions)) {
        return std::nullopt;
    }
    to_gaussian_ranks(predicted);
    std::ranges::transform(predicted, predicted.begin(), signed_power);
    std::ranges::transform(target, target.begin(), signed_power);
    return pearson(predicted, target);
}

std::optional<double> meta_model_contribution(std::span<const double> predictions,
                                              std::span<const double> meta_model,
                                              std::span<const double> targets) {
    std::vector<double> predicted;
    std::vector<double> meta;
    std::vector<double> target;
    for (std::size_t row = 0; row < predictions.size(); ++row) {
        if (!std::isnan(predictions[row]) && !std::isnan(targets[row]) &&
            !std::isnan(meta_model[row])) {
            predicted.push_back(predictions[row]);
            meta.push_back(meta_model[row]);
            target.push_back(targets[row]);
        }
    }
    if (!enough_left(predicted.size(), predictions)) {
        return std::nullopt;
    }
    to_gaussian_ranks(predicted);
    to_gaussian_ranks(meta);
    const double length = dot(meta, meta);
    if (length == 0) {
        return std::nullopt;
    }
    const double share = dot(meta, predicted) / length;
    for (std::size_t row = 0; row < predicted.size(); ++row) {
        predicted[row] -= share * meta[row];
    }
    if (std::ranges::all_of(target, [](double value) { return value >= 0 && value <= 1; })) {
        std::ranges::transform(target, target.begin(), [](double value) { return 4 * value; });
    }
    subtract(target, mean_of(target));
    return dot(target, predicted) / double(target.size());
}

}  // namespace erawise::stats
