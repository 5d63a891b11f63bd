#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "era/era_batch.h"
#include "output/transform.h"
#include "stats/neutralizer.h"
#include "util/error.h"

namespace erawise::output {

/// A part of an output: which of the sources of values, and how much it counts. Sources are the
/// models in their order, and behind them what is joined by row id (EraFinisherOptions).
struct Member {
    std::size_t source = 0;
    double weight = 1;
};

/// Feature sets by their name: their columns in the batches.
using FeatureSetColumns = std::map<std::string, std::vector<stats::FeatureColumn>>;

/// What is done to the values of an output within an era. The features of the era are held once for
/// all outputs, the values of one output at a time. Used by one thread at a time.
class Transformer {
  public:
    explicit Transformer(const FeatureSetColumns& feature_sets);

    /// Begins an era without rows.
    void clear() noexcept;

    /// Takes the features of a set of more rows of the era. Error(data) when one is missing.
    void append(const std::string& feature_set, const era::EraBatch& batch);

    /// Begins an output: its only member as it is, or the weighted mean of the ranks of several.
    /// `values_of`: by source, one value per row of the era.
    void combine(std::span<const Member> members, Blend blend,
                 std::span<const std::vector<double>> values_of);

    /// What is returned says why the values mean nothing. A set that is neutralised on has all rows
    /// of the era.
    [[nodiscard]] std::optional<util::Error> apply(const Transforms& transforms);

    /// The same, for FNC: Gaussian ranks, neutralised in full, of unit deviation.
    [[nodiscard]] std::optional<util::Error> neutralize_gaussian_ranks(
        const std::string& feature_set);

    [[nodiscard]] std::span<const double> values() const noexcept { return values_; }

    /// Of the features that are held.
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

  private:
    [[nodiscard]] std::optional<util::Error> neutralize(const std::string& feature_set,
                                                        double proportion);
    void rank();
    void gauss();

    std::map<std::string, stats::Neutralizer> neutralizers_;
    std::vector<double> values_;
    std::vector<double> ranks_;  ///< scratch
    std::vector<std::uint32_t> order_;
};

}  // namespace erawise::output
