#include "stats/correlation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace erawise::stats {
namespace {

// Expected numbers: the formulas of numerai-tools in numpy and scipy on the same ten rows.
constexpr std::array kPredictions = {0.1, 0.4, 0.4, 0.9, -0.3, 0.55, 0.2, 0.7, 0.65, 0.31};
constexpr std::array kTargets = {0.0, .25, .5, .75, .5, 1.0, .5, .25, .75, .5};
constexpr std::array kMetaModel = {.5, .2, .6, .9, .1, .4, .45, .8, .3, .35};
constexpr double kTolerance = 1e-12;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

TEST(Correlation, CorrIsThatOfTheFormula) {
    EXPECT_NEAR(numerai_correlation(kPredictions, kTargets).value(), 0.34220023450008186,
                kTolerance);
}

TEST(Correlation, CorrDependsOnRanksAlone) {
    auto stretched = kPredictions;
    for (double& value : stretched) {
        value = std::exp(3 * value);
    }
    EXPECT_EQ(numerai_correlation(stretched, kTargets),
              numerai_correlation(kPredictions, kTargets));
}

TEST(Correlation, RowsWithoutTargetAreLeftOut) {
    auto targets = kTargets;
    targets[3] = kMissing;
    EXPECT_NEAR(numerai_correlation(kPredictions, targets).value(), 0.2251597574675681, kTolerance);
}

TEST(Correlation, MoreThanAFifthMissingIsNoScore) {
    auto targets = kTargets;
    targets[0] = targets[1] = kMissing;
    EXPECT_TRUE(numerai_correlation(kPredictions, targets));
    targets[2] = kMissing;
    EXPECT_FALSE(numerai_correlation(kPredictions, targets));
    EXPECT_FALSE(meta_model_contribution(kPredictions, kMetaModel, targets));
}

TEST(Correlation, EqualValuesAreNoScore) {
    const std::vector<double> equal(10, 0.5);
    EXPECT_FALSE(numerai_correlation(equal, kTargets));
    EXPECT_FALSE(numerai_correlation(kPredictions, equal));
    EXPECT_FALSE(meta_model_contribution(kPredictions, equal, kTargets));
    EXPECT_FALSE(numerai_correlation({}, {}));
}

TEST(Correlation, MmcIsThatOfTheFormula) {
    EXPECT_NEAR(meta_model_contribution(kPredictions, kMetaModel, kTargets).value(),
                0.41595332764334625, kTolerance);
}

TEST(Correlation, TargetsOutsideZeroToOneAreTakenAsTheyAre) {
    auto targets = kTargets;
    for (double& target : targets) {
        target = 3 * target - 1;
    }
    EXPECT_NEAR(meta_model_contribution(kPredictions, kMetaModel, targets).value(),
                0.31196499573250963, kTolerance);
}

TEST(Correlation, TheMetaModelItselfContributesNothing) {
    EXPECT_NEAR(meta_model_contribution(kMetaModel, kMetaModel, kTargets).value(), 0, kTolerance);
}

}  // namespace
}  // namespace erawise::stats
