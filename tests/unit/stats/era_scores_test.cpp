#include "stats/era_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace erawise::stats {
namespace {

std::vector<EraScore> eras_with(std::initializer_list<double> scores) {
    std::vector<EraScore> eras;
    for (const double score : scores) {
        eras.push_back({.era = "e", .rows = 10, .corr = score});
    }
    return eras;
}

TEST(EraScores, SummaryIsThatOfTheExampleNotebooks) {
    const auto summary =
        summarize(eras_with({.02, -.03, .01, .04, -.05, .02}), ScoreKind::corr).value();
    EXPECT_EQ(summary.eras, 6u);
    EXPECT_NEAR(summary.mean, 0.0016666666666666663, 1e-15);
    EXPECT_NEAR(summary.standard_deviation, 0.03131382371342656, 1e-15);
    EXPECT_NEAR(summary.sharpe, 0.05322462954123494, 1e-13);
    EXPECT_NEAR(summary.max_drawdown, 0.05, 1e-15);
}

TEST(EraScores, ErasWithoutTheScoreDoNotCount) {
    std::vector<EraScore> eras = eras_with({.02, .04});
    eras.insert(eras.begin() + 1, EraScore{.era = "new", .rows = 5});
    const auto summary = summarize(eras, ScoreKind::corr).value();
    EXPECT_EQ(summary.eras, 2u);
    EXPECT_DOUBLE_EQ(summary.mean, 0.03);
    EXPECT_FALSE(summarize(eras, ScoreKind::mmc));
    EXPECT_FALSE(summarize({}, ScoreKind::corr));
}

TEST(EraScores, ASingleEraHasNoSharpe) {
    const auto summary = summarize(eras_with({.02}), ScoreKind::corr).value();
    EXPECT_EQ(summary.standard_deviation, 0);
    EXPECT_EQ(summary.sharpe, 0);
}

}  // namespace
}  // namespace erawise::stats
