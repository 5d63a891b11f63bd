#include "output/transformer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "stats/correlation.h"
#include "stats/rank.h"

namespace erawise::output {
namespace {

/// Empty where the values are meaningful.
std::optional<util::Error> error_of(stats::Residual residual, std::size_t rows,
                                    std::size_t features, std::string_view feature_set) {
    switch (residual) {
        case stats::Residual::meaningful:
            break;
        case stats::Residual::equal_values:
            return util::Error(util::ErrorKind::model,
                               "all predictions of an era are equal, so that there is nothing to "
                               "neutralise; check the model");
        case stats::Residual::too_few_rows:
            return util::Error(
                util::ErrorKind::data,
                fmt::format("its {} rows are no more than the {} features of the set '{}', which "
                            "explain any predictions then: what neutralising leaves is rounding "
                            "noise; take a set of fewer features, or do not neutralise",
                            rows, features, feature_set));
        case stats::Residual::rounding_noise:
            return util::Error(
                util::ErrorKind::model,
                fmt::format("the features of the set '{}' explain its predictions but for less "
                            "than a millionth: what neutralising leaves is rounding noise; take "
                            "another set, a smaller proportion, or do not neutralise",
                            feature_set));
    }
    return std::nullopt;
}

}  // namespace

Transformer::Transformer(const FeatureSetColumns& feature_sets) {
    for (const auto& [name, features] : feature_sets) {
        neutralizers_.try_emplace(name, features);
    }
}

void Transformer::clear() noexcept {
    for (auto& [name, neutralizer] : neutralizers_) {
        neutralizer.clear();
    }
}

void Transformer::append(const std::string& feature_set, const era::EraBatch& batch) {
    neutralizers_.at(feature_set).append(batch);
}

std::uint64_t Transformer::memory_bytes() const noexcept {
    std::uint64_t bytes = 0;
    for (const auto& [name, neutralizer] : neutralizers_) {
        bytes += neutralizer.memory_bytes();
    }
    return bytes;
}

void Transformer::combine(std::span<const Member> members, Blend blend,
                          std::span<const std::vector<double>> values_of) {
    if (members.size() == 1) {
        values_ = values_of[members.front().source];
        return;
    }
    std::vector<double> sum(values_of[members.front().source].size());
    double weights = 0;
    for (const Member& member : members) {
        values_ = values_of[member.source];
        blend == Blend::gauss ? gauss() : rank();
        for (std::size_t row = 0; row < sum.size(); ++row) {
            sum[row] += member.weight * values_[row];
        }
        weights += member.weight;
    }
    std::ranges::transform(sum, sum.begin(), [&](double value) { return value / weights; });
    values_ = std::move(sum);
}

/// Replaces values_ by their ranks.
void Transformer::rank() {
    ranks_.resize(values_.size());
    stats::rank_within_era(values_, order_, ranks_);
    values_.swap(ranks_);
}

/// Replaces values_ by the quantiles of their ranks, with unit deviation.
void Transformer::gauss() {
    rank();
    stats::normal_quantiles(values_);
    stats::normalize_deviation(values_);
}

std::optional<util::Error> Transformer::apply(const Transforms& transforms) {
    for (const TransformStep& step : transforms) {
        switch (step.kind) {
            case TransformStep::Kind::rank:
                rank();
                break;
            case TransformStep::Kind::gauss:
                gauss();
                break;
            case TransformStep::Kind::neutralize:
                if (auto error = neutralize(step.feature_set, step.proportion)) {
                    return error;
                }
                break;
        }
    }
    return std::nullopt;
}

std::optional<util::Error> Transformer::neutralize_gaussian_ranks(const std::string& feature_set) {
    stats::to_gaussian_ranks(values_);
    auto error = neutralize(feature_set, 1.0);
    if (!error) {
        stats::normalize_deviation(values_);
    }
    return error;
}

std::optional<util::Error> Transformer::neutralize(const std::string& feature_set,
                                                   double proportion) {
    stats::Neutralizer& neutralizer = neutralizers_.at(feature_set);
    return error_of(neutralizer.neutralize(values_, proportion), values_.size(),
                    neutralizer.features(), feature_set);
}

}  // namespace erawise::output
