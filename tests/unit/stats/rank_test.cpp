#include "stats/rank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace erawise::stats {
namespace {

std::vector<double> ranks_of(const std::vector<double>& values) {
    std::vector<std::uint32_t> order;
    std::vector<double> ranks(values.size());
    rank_within_era(values, order, ranks);
    return ranks;
}

/// The definition, in quadratic time: how many are smaller, and how many are equal.
std::vector<double> ranks_by_counting(const std::vector<double>& values) {
    std::vector<double> ranks;
    for (const double value : values) {
        double smaller = 0;
        double equal = 0;
        for (const double other : values) {
            smaller += other < value;
            equal += other == value;
        }
        ranks.push_back((smaller + (equal + 1) / 2 - 0.5) / double(values.size()));
    }
    return ranks;
}

TEST(Rank, WithoutTiesIsEquallySpacedInsideZeroAndOne) {
    EXPECT_THAT(ranks_of({0.3F, 0.1F, 0.2F, 0.4F}),
                testing::ElementsAre(0.625, 0.125, 0.375, 0.875));
}

TEST(Rank, TiesShareTheAverage) {
    EXPECT_THAT(ranks_of({1, 2, 2, 3}), testing::ElementsAre(0.125, 0.5, 0.5, 0.875));
    EXPECT_THAT(ranks_of({7, 7, 7}), testing::ElementsAre(0.5, 0.5, 0.5));
}

TEST(Rank, EmptyAndSingleEras) {
    EXPECT_TRUE(ranks_of({}).empty());
    EXPECT_THAT(ranks_of({-3}), testing::ElementsAre(0.5));
}

TEST(Rank, EqualsTheDefinitionOnRandomValuesWithTies) {
    std::mt19937 generator(7);
    for (const std::size_t n : {2u, 3u, 17u, 500u}) {
        std::vector<double> values(n);
        for (double& value : values) {
            value = static_cast<double>(generator() % (n / 2 + 1)) - 3;
        }
        EXPECT_EQ(ranks_of(values), ranks_by_counting(values)) << n;
    }
}

TEST(Rank, QuantilesAreThoseOfTheNormalDistribution) {
    std::vector<double> ranks = {1e-5, .01, .25, .5, .75, .999};
    normal_quantiles(ranks);
    EXPECT_THAT(ranks,
                testing::Pointwise(testing::DoubleNear(1e-12),
                                   {-4.264890793922825, -2.3263478740408408, -0.6744897501960817,
                                    0.0, 0.6744897501960817, 3.090232306167813}));
}

TEST(Rank, DeviationIsThatOfThePopulation) {
    std::vector<double> values = {1, 2, 4, 9};
    normalize_deviation(values);
    EXPECT_THAT(values, testing::Pointwise(testing::DoubleNear(1e-14),
                                           {0.3244428422615251, 0.6488856845230502,
                                            1.2977713690461004, 2.919985580353726}));
    std::vector<double> equal = {3, 3};
    normalize_deviation(equal);
    EXPECT_THAT(equal, testing::ElementsAre(3, 3));
}

}  // namespace
}  // namespace erawise::stats
