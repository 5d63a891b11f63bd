#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace erawise::stats {

/// The scores of one era; empty where there is none (correlation.h says when).
struct EraScore {
    std::string era;
    std::uint64_t rows = 0;
    std::optional<double> corr = {};  ///< numerai_corr
    std::optional<double> mmc = {};   ///< where there is a meta model
    std::optional<double> fnc = {};   ///< CORR after neutralisation, where a feature set was named
    std::optional<double> bmc = {};   ///< as MMC, where the model is a benchmark's and not the meta
};

/// One kind of score over the eras that have it, as Numerai's example notebooks sum it up.
struct ScoreSummary {
    std::uint64_t eras = 0;
    double mean = 0;
    double standard_deviation = 0;  ///< of the population (ddof 0)
    double sharpe = 0;              ///< mean / standard deviation; 0 where that is 0
    double max_drawdown = 0;        ///< largest fall of the cumulative sum below its maximum so far
};

enum class ScoreKind : std::uint8_t { corr, mmc, fnc, bmc };
inline constexpr std::array kScoreKinds = {ScoreKind::corr, ScoreKind::mmc, ScoreKind::fnc,
                                           ScoreKind::bmc};

/// "CORR", "MMC", "FNC", "BMC".
std::string_view name_of(ScoreKind kind) noexcept;

std::optional<double> value_of(const EraScore& score, ScoreKind kind) noexcept;

/// Whose predictions a model's are compared with.
struct Contribution {
    std::string column;               ///< of the file that has them
    ScoreKind kind = ScoreKind::mmc;  ///< or bmc
};

/// Empty when no era has this score.
std::optional<ScoreSummary> summarize(std::span<const EraScore> eras, ScoreKind kind);

}  // namespace erawise::stats
