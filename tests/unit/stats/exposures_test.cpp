#include "stats/exposures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>

#include "feature_batch.h"
#include "support/expect_error.h"

namespace erawise::stats {
namespace {

using test::all_features;
using test::feature_batch;
using test::random_rows;

using Rows = std::vector<std::vector<float>>;

/// N'N by its definition.
std::vector<double> gram_of(const Rows& rows) {
    const std::size_t n = rows.front().size() + 1;
    std::vector<double> gram(n * n);
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                gram[i * n + j] +=
                    (i + 1 < n ? double(row[i]) : 1.0) * (j + 1 < n ? double(row[j]) : 1.0);
            }
        }
    }
    return gram;
}

std::vector<double> gram_of(const Exposures& exposures) {
    std::vector<double> gram(exposures.columns() * exposures.columns());
    exposures.gram(gram);
    return gram;
}

struct Values {
    const char* name;
    std::vector<float> values;  ///< that occur
    std::vector<float> levels;  ///< of the batch; empty: plain columns
};

class ExposuresOf : public testing::TestWithParam<Values> {};

INSTANTIATE_TEST_SUITE_P(
    Forms, ExposuresOf,
    testing::Values(Values{"Integers", {0, 1, 2, 3, 4}, {3, 0, 4, 1, 2}},
                    Values{"Quarters", {0, .25F, .5F, .75F, 1}, {.5F, 1, 0, .25F, .75F}},
                    Values{"Binary", {0, 1}, {1, 0}},
                    Values{"Sixteen",
                           {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                           {15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}},
                    Values{"MissingThatDoesNotOccur", {0, 1, 2}, {NAN, 2, 1, 0}},
                    Values{"NegativeLevels", {-1, 0, 1}, {0, -1, 1}},
                    Values{"Plain", {0, .125F, 7, -3}, {}}),
    [](const auto& it) { return it.param.name; });

TEST_P(ExposuresOf, GramIsExactOnEveryTarget) {
    const Rows first = random_rows(700, 37, GetParam().values, 3);
    const Rows second = random_rows(65, 37, GetParam().values, 4);
    Rows all = first;
    all.insert(all.end(), second.begin(), second.end());
    Exposures exposures(all_features(37));
    exposures.append(feature_batch(first, GetParam().levels));
    exposures.append(feature_batch(second, GetParam().levels));
    EXPECT_EQ(exposures.rows(), all.size());
    const std::vector<double> expected = gram_of(all);
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        hwy::SetSupportedTargetsForTest(target);
        EXPECT_EQ(gram_of(exposures), expected) << hwy::TargetName(target);
    }
    hwy::SetSupportedTargetsForTest(0);
}

TEST_P(ExposuresOf, ProductsAndSubtractionAreThoseOfTheMatrix) {
    const Rows rows = random_rows(530, 5, GetParam().values);
    Exposures exposures(all_features(5));
    exposures.append(feature_batch(rows, GetParam().levels));
    std::vector<double> values(rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        values[row] = double(row % 7) - 2.5;
    }
    std::vector<double> products(6);
    exposures.products(values, products);
    std::vector<double> expected(6);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (std::size_t i = 0; i < 5; ++i) {
            expected[i] += double(rows[row][i]) * values[row];
        }
        expected[5] += values[row];
    }
    EXPECT_THAT(products, testing::Pointwise(testing::DoubleNear(1e-9), expected));

    const std::vector<double> coefficients = {1, -2, 3, 0.5, 4, 10};
    std::vector<double> rest = values;
    exposures.subtract(coefficients, 0.5, rest);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        double sum = 10;
        for (std::size_t i = 0; i < 5; ++i) {
            sum += coefficients[i] * double(rows[row][i]);
        }
        EXPECT_NEAR(rest[row], values[row] - 0.5 * sum, 1e-9);
    }
}

TEST(Exposures, AreForgottenAndUsedAgain) {
    const std::vector<float> levels = {0, 1, 2};
    Exposures exposures(all_features(3));
    exposures.append(feature_batch(random_rows(900, 3, levels, 5), levels));
    const std::uint64_t bytes = exposures.memory_bytes();
    exposures.clear();
    const Rows rows = random_rows(20, 3, levels, 6);
    exposures.append(feature_batch(rows, levels));
    EXPECT_EQ(gram_of(exposures), gram_of(rows));
    EXPECT_EQ(exposures.memory_bytes(), bytes);
}

TEST(Exposures, SlicesOfDifferentFormsAddUp) {
    const Rows whole = random_rows(100, 4, {0, 1, 2}, 7);
    const Rows plain = random_rows(50, 4, {0.5F, 1.125F}, 8);
    Rows all = whole;
    all.insert(all.end(), plain.begin(), plain.end());
    Exposures exposures(all_features(4));
    exposures.append(feature_batch(whole, {2, 0, 1}));
    exposures.append(feature_batch(plain, {}));
    EXPECT_EQ(gram_of(exposures), gram_of(all));
}

TEST(Exposures, MissingValueIsNamedWithItsRowAndTheRemedy) {
    Exposures exposures(all_features(2));
    const std::string message = erawise::test::expect_error(util::ErrorKind::data, [&] {
        exposures.append(feature_batch({{0, 1}, {1, NAN}}, {0, 1, NAN}, "0575"));
    });
    EXPECT_THAT(message,
                testing::AllOf(testing::HasSubstr("'f1'"), testing::HasSubstr("'row1'"),
                               testing::HasSubstr("'0575'"), testing::HasSubstr("--null-value")));
}

}  // namespace
}  // namespace erawise::stats
