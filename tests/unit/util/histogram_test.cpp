#include "util/histogram.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace erawise::util {
namespace {

using testing::DoubleNear;

/// Counts again, value by value, with the bins that the histogram ended with.
void expect_counts_of(const Histogram& histogram, const std::vector<double>& values) {
    std::vector<std::uint64_t> expected(histogram.counts().size());
    for (const double value : values) {
        const double bin = (double(value) - histogram.lower_end()) / histogram.bin_width();
        ++expected.at(static_cast<std::size_t>(std::floor(bin)));
    }
    EXPECT_THAT(histogram.counts(), testing::ElementsAreArray(expected));
}

std::vector<double> random_values(std::size_t count, double mean, double deviation) {
    std::mt19937 random(7);
    std::normal_distribution<double> normal(mean, deviation);
    std::vector<double> values(count);
    std::ranges::generate(values, [&] { return static_cast<double>(normal(random)); });
    return values;
}

TEST(Histogram, IsEmptyAtFirst) {
    const Histogram histogram;
    EXPECT_TRUE(histogram.counts().empty());
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.standard_deviation(), 0);
}

TEST(Histogram, CountsEveryValueInItsBinHoweverTheyCome) {
    const std::vector<double> values = random_values(10'000, 0.5, 0.02);
    for (const std::size_t step : {std::size_t{1}, std::size_t{511}, values.size()}) {
        Histogram histogram;
        for (std::size_t i = 0; i < values.size(); i += step) {
            histogram.add(std::span(values).subspan(i, std::min(step, values.size() - i)));
        }
        EXPECT_EQ(histogram.count(), values.size());
        EXPECT_GT(histogram.counts().size(), Histogram::kBins / 4);
        expect_counts_of(histogram, values);
    }
}

TEST(Histogram, KnowsTheMoments) {
    const std::vector<double> values = random_values(5'000, -3, 2);
    Histogram histogram;
    histogram.add(std::span(values).first(17));
    histogram.add(std::span(values).subspan(17));
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / 5'000;
    double squares = 0;
    for (const double value : values) {
        squares += (double(value) - mean) * (double(value) - mean);
    }
    EXPECT_THAT(histogram.mean(), DoubleNear(mean, 1e-9));
    EXPECT_THAT(histogram.standard_deviation(), DoubleNear(std::sqrt(squares / 5'000), 1e-9));
    EXPECT_EQ(histogram.minimum(), double(std::ranges::min(values)));
    EXPECT_EQ(histogram.maximum(), double(std::ranges::max(values)));
}

TEST(Histogram, GrowsFromOneValueToAnyRange) {
    const std::vector<double> values = {0.25F, 0.25F, -1e30F, 1e-30F, 3e38F, 0.0F};
    Histogram histogram;
    for (const double& value : values) {
        histogram.add(std::span(&value, 1));
    }
    expect_counts_of(histogram, values);
}

TEST(Histogram, ValuesThatAreAllTheSameTakeOneBin) {
    for (const double value : {0.0F, 0.5F, -7.25F, 1e-38F}) {
        Histogram histogram;
        const std::vector<double> values(1'000, value);
        histogram.add(values);
        histogram.add(values);
        EXPECT_THAT(histogram.counts(), testing::ElementsAre(2'000U)) << value;
        EXPECT_EQ(histogram.standard_deviation(), 0);
    }
}

TEST(Histogram, WhatIsNotFiniteIsCountedApart) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const std::vector<double> values = {1, NAN, kInfinity, -kInfinity, 2};
    Histogram histogram;
    histogram.add(values);
    EXPECT_EQ(histogram.count(), 2U);
    EXPECT_EQ(histogram.not_finite(), 3U);
    EXPECT_EQ(histogram.maximum(), 2);
}

}  // namespace
}  // namespace erawise::util
