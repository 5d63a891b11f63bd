#include "output/era_finisher.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

#include "era/number_pieces.h"
#include "stats/correlation.h"
#include "stats/rank.h"
#include "util/byte_size.h"

namespace erawise::output {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// Values, ranks and their order.
constexpr std::uint64_t kScratchBytesPerRow = 2 * sizeof(double) + sizeof(std::uint32_t);

/// An id of 16 characters and its end, with the slack of growing vectors.
constexpr std::uint64_t kIdBytesPerRow = 2 * (16 + sizeof(std::uint32_t));

bool any_is_scored(std::span<const EraOutput> outputs) {
    return std::ranges::any_of(outputs, &EraOutput::is_scored);
}

/// The vectors of an era grow by doubling.
std::uint64_t bytes_of_rows(std::span<const EraOutput> outputs, std::size_t models,
                            const EraFinisherOptions& options, std::uint64_t rows) {
    std::uint64_t doubles = models;
    if (any_is_scored(outputs)) {
        doubles += 4;  // targets, meta model, and what a correlation takes
    }
    return rows * (2 * doubles * sizeof(double) + kScratchBytesPerRow) +
           (options.meta_model ? rows * sizeof(double) : 0);
}

std::uint64_t bytes_of_neutralizers(const EraFinisherOptions& options, std::uint64_t rows) {
    std::uint64_t bytes = 0;
    for (const auto& [name, features] : options.feature_sets) {
        bytes += stats::Neutralizer::expected_bytes(features.size(), rows, options.exposure_form);
    }
    return bytes;
}

}  // namespace

std::vector<std::string> EraOutput::feature_sets() const {
    std::vector<std::string> sets;
    for (const TransformStep& step : transforms) {
        if (step.kind == TransformStep::Kind::neutralize) {
            sets.push_back(step.feature_set);
        }
    }
    return sets;
}

EraFinisher::EraFinisher(std::span<EraOutput> outputs, std::size_t models,
                         EraFinisherOptions options)
    : outputs_(outputs),
      options_(std::move(options)),
      is_dropped_(outputs.size()),
      is_needed_(models),
      predictions_(models) {
    for (const auto& [name, features] : options_.feature_sets) {
        neutralizers_.try_emplace(name, features);
    }
    for (const EraOutput& output : outputs_) {
        holds_eras_ = holds_eras_ || output.holds_eras();
        for (const Member& member : output.members) {
            is_needed_[member.model] = is_needed_[member.model] || output.holds_eras();
        }
    }
}

EraFinisher::~EraFinisher() = default;

std::uint64_t EraFinisher::expected_bytes(std::span<const EraOutput> outputs, std::size_t models,
                                          const EraFinisherOptions& options, std::size_t rows) {
    if (std::ranges::none_of(outputs, &EraOutput::holds_eras)) {
        return 0;
    }
    return rows * kIdBytesPerRow + bytes_of_rows(outputs, models, options, rows) +
           bytes_of_neutralizers(options, rows);
}

bool EraFinisher::is_alive(std::size_t output) const {
    return !is_dropped_[output] && !outputs_[output].error;
}

/// Runs one output's part. Its error stops the output; the error of the last one stops everything.
template <typename Body>
void EraFinisher::guard(std::size_t output, Body&& body) {
    try {
        std::forward<Body>(body)();
    } catch (const util::Error& error) {
        outputs_[output].error = error;
        for (std::size_t other = 0; other < outputs_.size(); ++other) {
            if (is_alive(other)) {
                spdlog::error("{}: {}; the other models go on", outputs_[output].name,
                              error.what());
                return;
            }
        }
        throw;
    }
}

void EraFinisher::add(const era::EraBatch& batch,
                      std::span<const std::span<const double>> predictions) {
    if (batch.era != era_) {
        finish_era();
        era_ = batch.era;
    }
    drop_outputs_of_failed_models(predictions);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const EraOutput& output = outputs_[i];
        if (is_alive(i) && !output.holds_eras() && output.writer != nullptr) {
            guard(i, [&] {
                output.writer->write(batch.ids, predictions[output.members.front().model]);
            });
        }
    }
    if (holds_eras_) {
        hold(batch, predictions);
    }
}

void EraFinisher::drop_outputs_of_failed_models(
    std::span<const std::span<const double>> predictions) {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        is_dropped_[i] =
            is_dropped_[i] || std::ranges::any_of(outputs_[i].members, [&](const Member& member) {
                return predictions[member.model].empty();
            });
    }
}

void EraFinisher::hold(const era::EraBatch& batch,
                       std::span<const std::span<const double>> predictions) {
    refuse_missing_predictions(batch, predictions);
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        ids_.push_back(batch.ids[row]);
    }
    for (std::size_t model = 0; model < predictions.size(); ++model) {
        if (is_needed_[model]) {
            const auto& values = predictions[model];
            predictions_[model].insert(predictions_[model].end(), values.begin(), values.end());
        }
    }
    if (options_.target_column) {
        for (std::size_t row = 0; row < batch.rows(); ++row) {
            targets_.push_back(era::number_at(batch, row, *options_.target_column));
        }
    }
    for (std::size_t row = 0; options_.meta_model && row < batch.rows(); ++row) {
        meta_model_.push_back(options_.meta_model(batch.ids[row]));
    }
    require_memory();
    for (auto& [name, neutralizer] : neutralizers_) {
        neutralizer.append(batch);
    }
}

void EraFinisher::refuse_missing_predictions(const era::EraBatch& batch,
                                             std::span<const std::span<const double>> predictions) {
    if (options_.predictions_may_be_missing) {
        return;
    }
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        if (!is_alive(i) || !outputs_[i].holds_eras()) {
            continue;
        }
        guard(i, [&] {
            for (const Member& member : outputs_[i].members) {
                const auto& values = predictions[member.model];
                const auto found =
                    std::ranges::find_if(values, [](double value) { return std::isnan(value); });
                if (found != values.end()) {
                    throw util::Error(
                        util::ErrorKind::model,
                        fmt::format("the prediction of row '{}' in era '{}' is not a number, so "
                                    "the era cannot be ranked; check the model",
                                    batch.ids[static_cast<std::size_t>(found - values.begin())],
                                    batch.era));
                }
            }
        });
    }
}

std::uint64_t EraFinisher::held_bytes() const {
    if (!holds_eras_) {
        return 0;
    }
    std::uint64_t neutralizers = 0;
    for (const auto& [name, neutralizer] : neutralizers_) {
        neutralizers += neutralizer.memory_bytes();
    }
    const std::uint64_t rows = ids_.size();
    return ids_.memory_bytes() + bytes_of_rows(outputs_, predictions_.size(), options_, rows) +
           std::max(neutralizers, bytes_of_neutralizers(options_, rows));
}

void EraFinisher::require_memory() const {
    const std::uint64_t needed = held_bytes();
    if (needed > options_.era_memory_bytes) {
        // The ids' vectors may have just been filled, or be about to grow to twice as much.
        const double bytes_per_row = double(needed + ids_.memory_bytes()) / double(ids_.size());
        throw EraTooLarge(
            fmt::format("era '{}' has {} rows or more, and holding them takes {} where the memory "
                        "plan has {}",
                        era_, ids_.size(), util::format_byte_size(needed),
                        util::format_byte_size(options_.era_memory_bytes)),
            bytes_per_row);
    }
}

void EraFinisher::finish() {
    finish_era();
    for (const LeftOut& left_out : left_out_) {
        spdlog::warn("{}: {} no {}: {}", outputs_[left_out.output].name,
                     left_out.eras == 1 ? fmt::format("era '{}' has", left_out.first_era)
                                        : fmt::format("{} eras, the first of which is '{}', have",
                                                      left_out.eras, left_out.first_era),
                     left_out.what, left_out.reason);
    }
}

void EraFinisher::finish_era() {
    for (std::size_t i = 0; i < outputs_.size() && ids_.size() > 0; ++i) {
        if (is_alive(i) && outputs_[i].holds_eras()) {
            guard(i, [&] { finish_output(i); });
        }
    }
    ids_.clear();
    targets_.clear();
    meta_model_.clear();
    std::ranges::for_each(predictions_, [](auto& values) { values.clear(); });
    std::ranges::for_each(neutralizers_, [](auto& entry) { entry.second.clear(); });
}

/// A file has to have every row, therefore what cannot be neutralised ends an output that is
/// written. Scores go without the era.
void EraFinisher::finish_output(std::size_t index) {
    EraOutput& output = outputs_[index];
    const std::optional<util::Error> failure =
        util::with_context(fmt::format("era '{}'", era_), [&] {
            combine(output);
            const std::optional<util::Error> error = transform(output.transforms);
            if (error && output.writer != nullptr) {
                throw *error;
            }
            return error;
        });
    if (failure) {
        output.scores.push_back({.era = era_, .rows = values_.size()});
        leave_out(index, "scores", *failure);
        return;
    }
    if (output.writer != nullptr) {
        output.writer->write(ids_, values_);
    }
    if (output.is_scored) {
        score(index);
    }
}

/// finish() warns once, whatever the number of eras.
void EraFinisher::leave_out(std::size_t output, std::string_view what, const util::Error& reason) {
    const auto found = std::ranges::find_if(
        left_out_, [&](const LeftOut& it) { return it.output == output && it.what == what; });
    if (found != left_out_.end()) {
        ++found->eras;
        return;
    }
    left_out_.push_back({output, what, 1, era_, reason.what()});
}

/// Fills values_.
void EraFinisher::combine(const EraOutput& output) {
    if (output.members.size() == 1) {
        values_ = predictions_[output.members.front().model];
        return;
    }
    std::vector<double> sum(ids_.size());
    double weights = 0;
    for (const Member& member : output.members) {
        values_ = predictions_[member.model];
        output.blend == Blend::gauss ? gauss() : rank();
        for (std::size_t row = 0; row < sum.size(); ++row) {
            sum[row] += member.weight * values_[row];
        }
        weights += member.weight;
    }
    std::ranges::transform(sum, sum.begin(), [&](double value) { return value / weights; });
    values_ = std::move(sum);
}

/// Replaces values_ by their ranks.
void EraFinisher::rank() {
    ranks_.resize(values_.size());
    stats::rank_within_era(values_, order_, ranks_);
    values_.swap(ranks_);
}

/// Replaces values_ by the quantiles of their ranks, with unit deviation.
void EraFinisher::gauss() {
    rank();
    stats::normal_quantiles(values_);
    stats::normalize_deviation(values_);
}

/// Of values_. What is returned says why they mean nothing.
std::optional<util::Error> EraFinisher::transform(const Transforms& transforms) {
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

/// The same.
std::optional<util::Error> EraFinisher::neutralize(const std::string& feature_set,
                                                   double proportion) {
    stats::Neutralizer& neutralizer = neutralizers_.at(feature_set);
    switch (neutralizer.neutralize(values_, proportion)) {
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
                            values_.size(), neutralizer.features(), feature_set));
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

void EraFinisher::score(std::size_t index) {
    EraOutput& output = outputs_[index];
    const auto is_missing = [](double value) { return std::isnan(value); };
    const auto missing = static_cast<std::size_t>(std::ranges::count_if(values_, is_missing));
    if (missing == values_.size()) {
        return;  // nothing was predicted
    }
    stats::EraScore& scores = output.scores.emplace_back();
    scores.era = era_;
    scores.rows = values_.size() - missing;
    if (std::ranges::all_of(targets_, is_missing)) {
        return;  // targets are known some weeks after the era
    }
    scores.corr = stats::numerai_correlation(values_, targets_);
    if (options_.meta_model) {
        (options_.contribution == stats::ScoreKind::bmc ? scores.bmc : scores.mmc) =
            stats::meta_model_contribution(values_, meta_model_, targets_);
    }
    if (!options_.fnc_set.empty() && missing == 0 && scores.corr) {
        scores.fnc = feature_neutral_correlation(index);
    }
}

/// values_ are ranks of theirs then.
std::optional<double> EraFinisher::feature_neutral_correlation(std::size_t output) {
    stats::to_gaussian_ranks(values_);
    if (const auto error = neutralize(options_.fnc_set, 1.0)) {
        leave_out(output, stats::name_of(stats::ScoreKind::fnc), *error);
        return std::nullopt;
    }
    stats::normalize_deviation(values_);
    return stats::numerai_correlation(values_, targets_);
}

}  // namespace erawise::output
