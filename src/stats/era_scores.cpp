#include "stats/era_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

namespace erawise::stats {

std::string_view name_of(ScoreKind kind) noexcept {
    switch (kind) {
        case ScoreKind::corr:
            return "CORR";
        case ScoreKind::mmc:
            return "MMC";
        case ScoreKind::fnc:
            return "FNC";
        case ScoreKind::bmc:
            return "BMC";
    }
    return "";
}

std::optional<double> value_of(const EraScore& score, ScoreKind kind) noexcept {
    switch (kind) {
        case ScoreKind::corr:
            return score.corr;
        case ScoreKind::mmc:
            return score.mmc;
        case ScoreKind::fnc:
            return score.fnc;
        case ScoreKind::bmc:
            return score.bmc;
    }
    return std::nullopt;
}

std::optional<ScoreSummary> summarize(std::span<const EraScore> eras, ScoreKind kind) {
    ScoreSummary summary;
    double sum = 0;
    double highest = -std::numeric_limits<double>::infinity();
    for (const EraScore& era : eras) {
        if (const std::optional<double> score = value_of(era, kind)) {
            ++summary.eras;
            sum += *score;
            highest = std::max(highest, sum);
            summary.max_drawdown = std::max(summary.max_drawdown, highest - sum);
        }
    }
    if (summary.eras == 0) {
        return std::nullopt;
    }
    summary.mean = sum / double(summary.eras);
    double squares = 0;
    for (const EraScore& era : eras) {
        if (const std::optional<double> score = value_of(era, kind)) {
            squares += (*score - summary.mean) * (*score - summary.mean);
        }
    }
    summary.standard_deviation = std::sqrt(squares / double(summary.eras));
    summary.sharpe =
        summary.standard_deviation > 0 ? summary.mean / summary.standard_deviation : 0.0;
    return summary;
}

}  // namespace erawise::stats
