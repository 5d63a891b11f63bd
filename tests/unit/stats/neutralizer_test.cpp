#include "stats/neutralizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "feature_batch.h"

namespace erawise::stats {
namespace {

using test::all_features;
using test::feature_batch;
using test::random_rows;

using Rows = std::vector<std::vector<float>>;

const std::vector<float> kLevels = {0, 1, 2, 3, 4};

std::vector<double> some_values(std::size_t rows) {
    std::vector<double> values(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        values[row] = double(row * 7919 % 1009) / 1009.0;
    }
    return values;
}

/// The largest correlation-like product of what is left with a column or with ones.
double largest_product(const Rows& rows, const std::vector<double>& values) {
    double largest = 0;
    for (std::size_t column = 0; column <= rows.front().size(); ++column) {
        double sum = 0;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            sum += (column < rows.front().size() ? double(rows[row][column]) : 1.0) * values[row];
        }
        largest = std::max(largest, std::abs(sum));
    }
    return largest;
}

TEST(Neutralizer, LeavesNothingOfTheFeaturesAtProportionOne) {
    const Rows rows = random_rows(1500, 40, kLevels);
    Neutralizer neutralizer(all_features(40));
    neutralizer.append(feature_batch(rows, kLevels));
    std::vector<double> values = some_values(rows.size());
    EXPECT_GT(largest_product(rows, values), 100);
    EXPECT_EQ(neutralizer.neutralize(values, 1.0), Residual::meaningful);
    EXPECT_LT(largest_product(rows, values), 1e-8);
    EXPECT_EQ(neutralizer.method(), "cholesky");
}

TEST(Neutralizer, ProportionIsAShareOfTheWholeWay) {
    const Rows rows = random_rows(300, 6, kLevels);
    Neutralizer neutralizer(all_features(6));
    neutralizer.append(feature_batch(rows, kLevels));
    const std::vector<double> before = some_values(rows.size());
    std::vector<double> whole = before;
    std::vector<double> quarter = before;
    EXPECT_EQ(neutralizer.neutralize(whole, 1.0), Residual::meaningful);
    EXPECT_EQ(neutralizer.neutralize(quarter, 0.25), Residual::meaningful);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        EXPECT_NEAR(quarter[row], before[row] + 0.25 * (whole[row] - before[row]), 1e-12);
    }
}

/// Equal features, a constant one, and fewer rows than features: least squares of least norm.
TEST(Neutralizer, DependentFeaturesGoByTheirEigenvalues) {
    Rows rows = random_rows(400, 12, kLevels);
    for (auto& row : rows) {
        row[3] = row[0];
        row[5] = 2;
        row[7] = 4 - row[1];
    }
    Neutralizer neutralizer(all_features(12));
    neutralizer.append(feature_batch(rows, kLevels));
    std::vector<double> values = some_values(rows.size());
    EXPECT_EQ(neutralizer.neutralize(values, 1.0), Residual::meaningful);
    EXPECT_EQ(neutralizer.method(), "eigen");
    EXPECT_LT(largest_product(rows, values), 1e-8);

    // Without the columns that say nothing new, the same is left.
    Rows fewer = rows;
    for (auto& row : fewer) {
        row = {row[0], row[1], row[2], row[4], row[6], row[8], row[9], row[10], row[11]};
    }
    Neutralizer independent(all_features(9));
    independent.append(feature_batch(fewer, kLevels));
    std::vector<double> same = some_values(rows.size());
    EXPECT_EQ(independent.neutralize(same, 1.0), Residual::meaningful);
    EXPECT_EQ(independent.method(), "cholesky");
    EXPECT_THAT(values, testing::Pointwise(testing::DoubleNear(1e-9), same));
}

/// What neutralising `values` with random features leaves.
Residual residual_of(std::size_t features, std::vector<double> values, double proportion = 1.0) {
    Neutralizer neutralizer(all_features(features));
    neutralizer.append(feature_batch(random_rows(values.size(), features, kLevels), kLevels));
    return neutralizer.neutralize(values, proportion);
}

TEST(Neutralizer, NoMoreRowsThanFeaturesLeaveNothingWhateverTheProportion) {
    EXPECT_EQ(residual_of(60, some_values(20)), Residual::too_few_rows);
    EXPECT_EQ(residual_of(60, some_values(60)), Residual::too_few_rows);
    EXPECT_EQ(residual_of(60, some_values(60), 0.5), Residual::too_few_rows);
}

/// As many rows as columns with the one of ones: solved exactly.
TEST(Neutralizer, OneRowMoreThanFeaturesLeavesRoundingNoise) {
    EXPECT_EQ(residual_of(60, some_values(61)), Residual::rounding_noise);
    EXPECT_EQ(residual_of(60, some_values(61), 0.5), Residual::meaningful)
        << "half of the values is left, and that is no noise";
    EXPECT_EQ(residual_of(60, some_values(62)), Residual::meaningful);
}

TEST(Neutralizer, ASumOfFeaturesLeavesRoundingNoiseWhateverTheRows) {
    const Rows rows = random_rows(900, 7, kLevels);
    Neutralizer neutralizer(all_features(7));
    neutralizer.append(feature_batch(rows, kLevels));
    std::vector<double> values;
    for (const auto& row : rows) {
        values.push_back(double(float(0.5 + 0.01 * double(row[1]) - 0.02 * double(row[4]))));
    }
    std::vector<double> half = values;
    EXPECT_EQ(neutralizer.neutralize(values, 1.0), Residual::rounding_noise);
    EXPECT_EQ(neutralizer.neutralize(half, 0.5), Residual::meaningful);
}

TEST(Neutralizer, EveryEraHasItsOwnMatrix) {
    const Rows first = random_rows(200, 5, kLevels, 1);
    const Rows second = random_rows(333, 5, kLevels, 2);
    Neutralizer neutralizer(all_features(5));
    neutralizer.append(feature_batch(first, kLevels));
    std::vector<double> values = some_values(first.size());
    EXPECT_EQ(neutralizer.neutralize(values, 1.0), Residual::meaningful);
    neutralizer.clear();
    neutralizer.append(feature_batch(second, kLevels));
    std::vector<double> others = some_values(second.size());
    EXPECT_EQ(neutralizer.neutralize(others, 1.0), Residual::meaningful);
    EXPECT_LT(largest_product(first, values), 1e-9);
    EXPECT_LT(largest_product(second, others), 1e-9);
}

TEST(Neutralizer, EqualValuesHaveNothingToNeutralize) {
    EXPECT_EQ(residual_of(2, std::vector<double>(9, 0.5)), Residual::equal_values);
}

TEST(Neutralizer, TakesWhatThePlanExpects) {
    const Rows rows = random_rows(7000, 30, kLevels);
    Neutralizer neutralizer(all_features(30));
    neutralizer.append(feature_batch(rows, kLevels));
    std::vector<double> values = some_values(rows.size());
    EXPECT_EQ(neutralizer.neutralize(values, 1.0), Residual::meaningful);
    EXPECT_LE(neutralizer.memory_bytes(),
              Neutralizer::expected_bytes(30, 7168, ExposureForm::levels));
}

}  // namespace
}  // namespace erawise::stats
