#pragma once

#include <algorithm>
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
#include "output/transformer.h"
#include "stats/era_scores.h"
#include "util/error.h"

namespace erawise::output {

/// Fills in the values of rows, NaN where there is none.
using ValuesById = std::function<void(const era::RowIds& ids, std::span<double> values)>;

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
    [[nodiscard]] bool has_member(std::size_t source) const {
        return std::ranges::contains(members, source, &Member::source);
    }
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
    FeatureSetColumns feature_sets = {};
    /// What their features are like, as far as is known; for the memory plan.
    stats::ExposureForm exposure_form = stats::ExposureForm::levels;
    /// The first of its columns in the batches (era::number_at); for scores.
    std::optional<std::uint32_t> target_column = std::nullopt;
    std::string fnc_set = {};  ///< one of feature_sets; empty: no FNC
    /// Values by row id, from files beside the data: predictions, a meta model, a benchmark. Each
    /// is asked once for every row, in the order of the rows, while an output that uses it is left.
    /// As a prediction, a value that is not there is no error.
    std::vector<ValuesById> joined = {};
    std::optional<std::size_t> meta_model = std::nullopt;   ///< one of `joined`; empty: no MMC
    stats::ScoreKind contribution = stats::ScoreKind::mmc;  ///< its name: bmc for a benchmark
    std::uint64_t era_memory_bytes = UINT64_MAX;            ///< for the era at hand
};

/// The last stage before files: takes predictions slice by slice and gives outputs their due, as
/// they come or, where ensembles, transforms or scores need it, when an era is complete.
///
/// The era at hand is held once for all outputs. An error of one output stays with it, and so does
/// one of what it alone uses, a feature set or values by row id; the others go on. The error of the
/// last one is thrown. Used by one thread at a time. Errors: Error(model) for predictions that
/// cannot be ranked or neutralised, Error(data) for features that are missing, or too many for the
/// rows of an era, Error(memory) for an era larger than the plan allows, Error(disk), and those of
/// values by row id. What cannot be neutralised for a score, and not for a file, is a warning, and
/// the era has no such score.
class EraFinisher {
  public:
    EraFinisher(std::span<EraOutput> outputs, std::size_t models, EraFinisherOptions options);
    ~EraFinisher();

    /// `predictions[m]` has the rows of the batch, or is empty when model m has failed; the
    /// outputs that it is a member of end there. The batch has rows.
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
    /// Of the rows of a batch, by source; of no meaning where it has failed or nobody needs it.
    using Values = std::vector<std::span<const double>>;

    void drop_outputs_of_failed_models(std::span<const std::span<const double>> predictions);
    [[nodiscard]] Values join(const era::EraBatch& batch,
                              std::span<const std::span<const double>> predictions);
    void write_outputs_as_they_come(const era::EraBatch& batch, const Values& values);
    void hold(const era::EraBatch& batch, const Values& values);
    void refuse_missing_predictions(const era::EraBatch& batch, const Values& values);
    void append_to_neutralizers(const era::EraBatch& batch);
    void require_memory() const;
    void finish_era();
    void finish_output(std::size_t index);
    void score(std::size_t index);
    std::optional<double> feature_neutral_correlation(std::size_t output);
    void leave_out(std::size_t output, std::string_view what, const util::Error& reason);
    [[nodiscard]] bool is_alive(std::size_t output) const;
    [[nodiscard]] bool uses_source(const EraOutput& output, std::size_t source) const;
    [[nodiscard]] bool uses_set(const EraOutput& output, std::string_view feature_set) const;
    template <typename Uses>
    [[nodiscard]] std::vector<std::size_t> users(Uses&& uses) const;
    void fail(std::span<const std::size_t> outputs, const util::Error& error);
    template <typename Body>
    void guard(std::span<const std::size_t> outputs, Body&& body);
    template <typename Body>
    void guard(std::size_t output, Body&& body);

    std::span<EraOutput> outputs_;
    std::size_t models_;
    EraFinisherOptions options_;
    Transformer transformer_;
    std::vector<bool> is_dropped_;             ///< per output: a member has failed
    std::vector<bool> is_needed_;              ///< per source: by an output that holds eras
    std::vector<std::vector<double>> joined_;  ///< of the batch at hand
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
    std::vector<std::vector<double>> values_of_;  ///< per source
    std::vector<double> targets_;
};

}  // namespace erawise::output
