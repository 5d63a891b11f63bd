#include "output/era_finisher.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <ranges>

#include "era/number_pieces.h"
#include "stats/correlation.h"
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
    std::uint64_t doubles = models + options.joined.size() - (options.meta_model ? 1 : 0);
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

void refuse_missing(const era::EraBatch& batch, std::span<const double> values) {
    const auto found = std::ranges::find_if(values, [](double value) { return std::isnan(value); });
    if (found != values.end()) {
        throw util::Error(
            util::ErrorKind::model,
            fmt::format("the prediction of row '{}' in era '{}' is not a number, so the era cannot "
                        "be ranked; check the model",
                        batch.ids[static_cast<std::size_t>(found - values.begin())], batch.era));
    }
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
      models_(models),
      options_(std::move(options)),
      transformer_(options_.feature_sets),
      is_dropped_(outputs.size()),
      is_needed_(models + options_.joined.size()),
      joined_(options_.joined.size()),
      values_of_(is_needed_.size()) {
    for (const EraOutput& output : outputs_) {
        holds_eras_ = holds_eras_ || output.holds_eras();
        for (std::size_t source = 0; source < is_needed_.size() && output.holds_eras(); ++source) {
            is_needed_[source] = is_needed_[source] || uses_source(output, source);
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

bool EraFinisher::uses_source(const EraOutput& output, std::size_t source) const {
    return output.has_member(source) ||
           (output.is_scored && options_.meta_model && source == models_ + *options_.meta_model);
}

bool EraFinisher::uses_set(const EraOutput& output, std::string_view feature_set) const {
    return std::ranges::contains(output.transforms, feature_set, &TransformStep::feature_set) ||
           (output.is_scored && options_.fnc_set == feature_set);
}

/// Stops outputs; the error of the last one stops everything.
void EraFinisher::fail(std::span<const std::size_t> outputs, const util::Error& error) {
    for (const std::size_t output : outputs) {
        outputs_[output].error = error;
    }
    const auto indices = std::views::iota(std::size_t{0}, outputs_.size());
    if (std::ranges::none_of(indices, [&](std::size_t output) { return is_alive(output); })) {
        throw util::Error(error);
    }
    for (const std::size_t output : outputs) {
        spdlog::error("{}: {}; the other models go on", outputs_[output].name, error.what());
    }
}

/// Runs a part for some outputs, where there are any. Its error is theirs.
template <typename Body>
void EraFinisher::guard(std::span<const std::size_t> outputs, Body&& body) {
    if (outputs.empty()) {
        return;
    }
    try {
        std::forward<Body>(body)();
    } catch (const util::Error& error) {
        if (error.kind() == util::ErrorKind::cancelled) {
            throw;
        }
        fail(outputs, error);
    }
}

template <typename Body>
void EraFinisher::guard(std::size_t output, Body&& body) {
    guard(std::span(&output, 1), std::forward<Body>(body));
}

/// The outputs that are left and of which `uses` is true.
template <typename Uses>
std::vector<std::size_t> EraFinisher::users(Uses&& uses) const {
    std::vector<std::size_t> users;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        if (is_alive(i) && uses(outputs_[i])) {
            users.push_back(i);
        }
    }
    return users;
}

void EraFinisher::add(const era::EraBatch& batch,
                      std::span<const std::span<const double>> predictions) {
    if (batch.era != era_) {
        finish_era();
        era_ = batch.era;
    }
    drop_outputs_of_failed_models(predictions);
    const Values values = join(batch, predictions);
    write_outputs_as_they_come(batch, values);
    if (holds_eras_) {
        hold(batch, values);
    }
}

void EraFinisher::drop_outputs_of_failed_models(
    std::span<const std::span<const double>> predictions) {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        is_dropped_[i] =
            is_dropped_[i] || std::ranges::any_of(outputs_[i].members, [&](const Member& member) {
                return member.source < models_ && predictions[member.source].empty();
            });
    }
}

/// The predictions, and behind them what the rows' ids tell.
EraFinisher::Values EraFinisher::join(const era::EraBatch& batch,
                                      std::span<const std::span<const double>> predictions) {
    Values values(predictions.begin(), predictions.end());
    for (std::size_t i = 0; i < joined_.size(); ++i) {
        joined_[i].resize(batch.rows());
        const auto of_it =
            users([&](const EraOutput& output) { return uses_source(output, models_ + i); });
        guard(of_it, [&] { options_.joined[i](batch.ids, joined_[i]); });
        values.emplace_back(joined_[i]);
    }
    return values;
}

void EraFinisher::write_outputs_as_they_come(const era::EraBatch& batch, const Values& values) {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const EraOutput& output = outputs_[i];
        if (is_alive(i) && !output.holds_eras() && output.writer != nullptr) {
            guard(i,
                  [&] { output.writer->write(batch.ids, values[output.members.front().source]); });
        }
    }
}

void EraFinisher::hold(const era::EraBatch& batch, const Values& values) {
    refuse_missing_predictions(batch, values);
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        ids_.push_back(batch.ids[row]);
    }
    for (std::size_t source = 0; source < values.size(); ++source) {
        if (is_needed_[source]) {
            values_of_[source].insert(values_of_[source].end(), values[source].begin(),
                                      values[source].end());
        }
    }
    if (options_.target_column) {
        for (std::size_t row = 0; row < batch.rows(); ++row) {
            targets_.push_back(era::number_at(batch, row, *options_.target_column));
        }
    }
    require_memory();
    append_to_neutralizers(batch);
}

/// A feature that is missing is the error of the outputs that neutralise on it.
void EraFinisher::append_to_neutralizers(const era::EraBatch& batch) {
    for (const auto& [name, features] : options_.feature_sets) {
        const auto of_it = users([&](const EraOutput& output) { return uses_set(output, name); });
        guard(of_it, [&] { transformer_.append(name, batch); });
    }
}

/// Of models; what is joined need not have every row.
void EraFinisher::refuse_missing_predictions(const era::EraBatch& batch, const Values& values) {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        if (!is_alive(i) || !outputs_[i].holds_eras()) {
            continue;
        }
        guard(i, [&] {
            for (const Member& member : outputs_[i].members) {
                if (member.source < models_) {
                    refuse_missing(batch, values[member.source]);
                }
            }
        });
    }
}

std::uint64_t EraFinisher::held_bytes() const {
    if (!holds_eras_) {
        return 0;
    }
    const std::uint64_t rows = ids_.size();
    return ids_.memory_bytes() + bytes_of_rows(outputs_, models_, options_, rows) +
           std::max(transformer_.memory_bytes(), bytes_of_neutralizers(options_, rows));
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
    std::ranges::for_each(values_of_, [](auto& values) { values.clear(); });
    transformer_.clear();
}

/// A file has to have every row, therefore what cannot be neutralised ends an output that is
/// written. Scores go without the era.
void EraFinisher::finish_output(std::size_t index) {
    EraOutput& output = outputs_[index];
    const std::optional<util::Error> failure =
        util::with_context(fmt::format("era '{}'", era_), [&] {
            transformer_.combine(output.members, output.blend, values_of_);
            const std::optional<util::Error> error = transformer_.apply(output.transforms);
            if (error && output.writer != nullptr) {
                throw *error;
            }
            return error;
        });
    if (failure) {
        output.scores.push_back({.era = era_, .rows = ids_.size()});
        leave_out(index, "scores", *failure);
        return;
    }
    if (output.writer != nullptr) {
        output.writer->write(ids_, transformer_.values());
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

void EraFinisher::score(std::size_t index) {
    EraOutput& output = outputs_[index];
    const std::span<const double> values = transformer_.values();
    const auto is_missing = [](double value) { return std::isnan(value); };
    const auto missing = static_cast<std::size_t>(std::ranges::count_if(values, is_missing));
    if (missing == values.size()) {
        return;  // nothing was predicted
    }
    stats::EraScore& scores = output.scores.emplace_back();
    scores.era = era_;
    scores.rows = values.size() - missing;
    if (std::ranges::all_of(targets_, is_missing)) {
        return;  // targets are known some weeks after the era
    }
    scores.corr = stats::numerai_correlation(values, targets_);
    if (options_.meta_model) {
        (options_.contribution == stats::ScoreKind::bmc ? scores.bmc : scores.mmc) =
            stats::meta_model_contribution(values, values_of_[models_ + *options_.meta_model],
                                           targets_);
    }
    if (!options_.fnc_set.empty() && missing == 0 && scores.corr) {
        scores.fnc = feature_neutral_correlation(index);
    }
}

std::optional<double> EraFinisher::feature_neutral_correlation(std::size_t output) {
    if (const auto error = transformer_.neutralize_gaussian_ranks(options_.fnc_set)) {
        leave_out(output, stats::name_of(stats::ScoreKind::fnc), *error);
        return std::nullopt;
    }
    return stats::numerai_correlation(transformer_.values(), targets_);
}

}  // namespace erawise::output
