#include "report/score_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "util/printable.h"

namespace erawise {
namespace {

/// The kinds that any era has.
std::vector<stats::ScoreKind> kinds_of(const ScoreReport& report) {
    std::vector<stats::ScoreKind> kinds;
    std::ranges::copy_if(stats::kScoreKinds, std::back_inserter(kinds), [&](stats::ScoreKind kind) {
        return std::ranges::any_of(report.eras, [&](const stats::EraScore& era) {
            return stats::value_of(era, kind).has_value();
        });
    });
    return kinds;
}

/// "alpha.ubj on target", and what MMC or BMC is against.
std::string heading_of(const ScoreReport& report) {
    std::string text = fmt::format("{} on {}", report.name, report.target);
    if (const auto& contribution = report.contribution) {
        text += fmt::format(", {} against {}", stats::name_of(contribution->kind),
                            util::printable(contribution->column, util::LineBreaks::replace));
    }
    return text;
}

std::string table_of(const ScoreReport& report) {
    const std::vector<stats::ScoreKind> kinds = kinds_of(report);
    std::string text = fmt::format("{}\n{:<10} {:>8}", heading_of(report), "era", "rows");
    for (const stats::ScoreKind kind : kinds) {
        text += fmt::format(" {:>10}", stats::name_of(kind));
    }
    text += "\n";
    for (const stats::EraScore& era : report.eras) {
        text += fmt::format("{:<10} {:>8}", era.era, era.rows);
        for (const stats::ScoreKind kind : kinds) {
            const auto value = stats::value_of(era, kind);
            text += value ? fmt::format(" {:>10.6f}", *value) : fmt::format(" {:>10}", "-");
        }
        text += "\n";
    }
    if (kinds.empty()) {
        return text + "no era has targets to score against\n";
    }
    text += fmt::format("\n{:<10} {:>8} {:>10} {:>10} {:>10} {:>13}\n", "", "eras", "mean", "std",
                        "Sharpe", "max drawdown");
    for (const stats::ScoreKind kind : kinds) {
        const stats::ScoreSummary summary = *stats::summarize(report.eras, kind);
        text += fmt::format("{:<10} {:>8} {:>10.6f} {:>10.6f} {:>10.6f} {:>13.6f}\n",
                            stats::name_of(kind), summary.eras, summary.mean,
                            summary.standard_deviation, summary.sharpe, summary.max_drawdown);
    }
    return text;
}

std::string csv_of(const std::vector<ScoreReport>& reports) {
    std::string text = "name,target,era,rows,corr,mmc,fnc,bmc\n";
    for (const ScoreReport& report : reports) {
        for (const stats::EraScore& era : report.eras) {
            text += fmt::format("{},{},{},{}", report.name, report.target, era.era, era.rows);
            for (const stats::ScoreKind kind : stats::kScoreKinds) {
                const auto value = stats::value_of(era, kind);
                text += value ? fmt::format(",{}", *value) : ",";
            }
            text += "\n";
        }
    }
    return text;
}

}  // namespace

std::string scores_text(const std::vector<ScoreReport>& reports, ScoreFormat format) {
    switch (format) {
        case ScoreFormat::csv:
            return csv_of(reports);
        case ScoreFormat::json:
            return scores_to_json(reports);
        case ScoreFormat::table:
            break;
    }
    std::string text;
    for (const ScoreReport& report : reports) {
        text += fmt::format("{}{}", text.empty() ? "" : "\n", table_of(report));
    }
    return text;
}

}  // namespace erawise
