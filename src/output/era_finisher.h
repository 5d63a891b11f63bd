#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "era/era_batch.h"
#include "output/prediction_writer.h"
#include "output/transform.h"
#include "stats/era_scores.h"
#include "stats/neutralizer.h"
#include "util/error.h"

namespace erawise::output {

/// A model in an output: which of the predictions that come side by side, and how much it counts.
struct Member {
    std::size_t model = 0;
    double weight = 1;
};

/// What becomes of the predictions of one model, or of an ensemble.
struct EraOutput {
    std::string name;             ///< for messages
    std::vector<Member> members;  ///< at least one
    Blend blend = Blend::rank;    ///< of several members
    Transforms transforms = {};
    PredictionWriter* writer = nullptr;  ///< null: nothing is written
    bool is_scored = false;              ///< EraFinisherOptions says against what

    std::vector<stats::EraScore> scores = {};
    std::optional<util::Error> error = std::nullopt;  ///< stopped this output alone

    /// Whether it needs eras as a whole.
    [[nodiscard]] bool holds_eras() const {
        return members.size() > 1 || !transforms.empty() || is_scored;
    }
    /// The feature sets that it neutralises on.
    [[nodiscard]] std::vector<std::string> feature_sets() const;
};

/// An era takes more than EraFinisherOptions::era_memory_bytes.
class EraTooLarge final : public util::Error {
  public:
    EraTooLarge(std::string message, double bytes_per_row)
        : Error(util::ErrorKind::memory, std::move(message)), bytes_per_row_(bytes_per_row) {}

    /// At most, of this era and of longer ones.
    [[nodiscard]] double bytes_per_row() const noexcept { return bytes_per_row_; }

  private:
    double bytes_per_row_;
};

struct EraFinisherOptions {
    /// Feature sets that transforms name, by their name: their columns in the batches.
    std::map<std::string, std::vector<stats::FeatureColumn>> feature_sets = {};
    /// What their features are like, as far as is known; for the memory plan.
    stats::ExposureForm exposure_form = stats::ExposureForm::levels;
    /// The first of its columns in the batches (era::number_at); for scores.
    std::optional<std::uint32_t> target_column = std::nullopt;
    std::string fnc_set = {};  ///< one of feature_sets; empty: no FNC
    /// The meta model's prediction of a row, NaN where there is none; empty: no MMC.
    std::function<double(std::string_view id)> meta_model = {};
    stats::ScoreKind contribution = stats::ScoreKind::mmc;  ///< its name: bmc for a benchmark
    /// A prediction that is NaN is one that is not there, and not an error.
    bool predictions_may_be_missing = false;
    std::uint64_t era_memory_bytes = UINT64_MAX;  ///< for the era at hand
};

/// The last stage before files: takes predictions slice by slice and gives outputs their due, as
/// they come or, where ensembles, transforms or scores need it, when an era is complete.
///
/// The era at hand is held once for all outputs. An error of one output stays with it, and the
/// others go on; that of the last one is thrown. Used by one thread at a time. Errors: Error(model)
/// for predictions that cannot be ranked or neutralised, Error(data) for features that are missing,
/// or too many for the rows of an era, Error(memory) for an era larger than the plan allows,
/// Error(disk). What cannot be neutralised for a score, and not for a file, is a warning, and the
/// era has no such score.
class EraFinisher {
  public:
    EraFinisher(std::span<EraOutput> outputs, std::size_t models, EraFinisherOptions options);
    ~EraFinisher();

    /// `predictions[m]` has the rows of the batch, or is empty when model m has failed; the
    /// outputs that it is a member of end there.
    void add(const era::EraBatch& batch, std::span<const std::span<const double>> predictions);

    /// What the era at hand may take from now on.
    void set_era_memory(std::uint64_t bytes) noexcept { options_.era_memory_bytes = bytes; }

    /// What the era at hand takes, and those before left; 0 when none is held.
    [[nodiscard]] std::uint64_t held_bytes() const;

    /// Ends the last era. Writers are not finished here.
    void finish();

    /// What holding an era of `rows` rows takes, for the memory plan; 0 when none is held.
    static std::uint64_t expected_bytes(std::span<const EraOutput> outputs, std::size_t models,
                                        const EraFinisherOptions& options, std::size_t rows);

  private:
    void drop_outputs_of_failed_models(std::span<const std::span<const double>> predictions);
    void hold(const era::EraBatch& batch, std::span<const std::span<const double>> predictions);
    void refuse_missing_predictions(const era::EraBatch& batch,
                                    std::span<const std::span<const double>> predictions);
    void require_memory() const;
    void finish_era();
    void finish_output(std::size_t index);
    void combine(const EraOutput& output);
    std::optional<util::Error> transform(const Transforms& transforms);
    std::optional<util::Error> neutralize(const std::string& feature_set, double proportion);
    void rank();
    void gauss();
    void score(std::size_t index);
    std::optional<double> feature_neutral_correlation(std::size_t output);
    void leave_out(std::size_t output, std::string_view what, const util::Error& reason);
    [[nodiscard]] bool is_alive(std::size_t output) const;
    template <typename Body>
    void guard(std::size_t output, Body&& body);

    std::span<EraOutput> outputs_;
    EraFinisherOptions options_;
    std::map<std::string, stats::Neutralizer> neutralizers_;
    std::vector<bool> is_dropped_;  ///< per output: a member has failed
    std::vector<bool> is_needed_;   ///< per model: by an output that holds eras
    bool holds_eras_ = false;

    /// Eras that an output has no scores of, or not all.
    struct LeftOut {
        std::size_t output;
        std::string_view what;
        std::uint64_t eras;
        std::string first_era;
        std::string reason;  ///< of the first
    };
    std::vector<LeftOut> left_out_;

    // The era at hand.
    std::string era_;
    era::RowIds ids_;
    std::vector<std::vector<double>> predictions_;  ///< per model
    std::vector<double> targets_;
    std::vector<double> meta_model_;

    // Scratch of one output.
    std::vector<double> values_;
    std::vector<double> ranks_;
    std::vector<std::uint32_t> order_;
};

}  // namespace erawise::output
