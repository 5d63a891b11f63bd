#include "infer/category_levels.h"

#include <cmath>
#include <limits>

#include "infer/model_description.h"
#include "support/expect_error.h"

namespace erawise::infer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr double kInt64 = 15;

CategoryLevels collected(double type, const std::vector<double>& values, int offsets = 0) {
    LevelCollector collector;
    std::vector<CategoryLevels> levels;
    collector.begin_feature();
    collector.type(type);
    for (int i = 0; i < offsets; ++i) {
        collector.offset();
    }
    for (const double value : values) {
        collector.value(value);
    }
    collector.end_feature(levels);
    return levels.empty() ? CategoryLevels() : levels.front();
}

/// Feature 1 of three has these levels.
ModelDescription model_with(CategoryLevels levels) {
    ModelDescription model;
    model.path = "m.ubj";
    model.num_feature = 3;
    model.feature_names = {"a", "b", "c"};
    model.is_asked = {false, true};
    levels.feature = 1;
    model.category_levels = {std::move(levels)};
    return model;
}

TEST(CategoryLevels, WholeNumbersAreKept) {
    const CategoryLevels levels = collected(kInt64, {4, -3, 0});
    EXPECT_EQ(levels.kind, CategoryLevels::Kind::whole_numbers);
    EXPECT_THAT(levels.values, ElementsAre(4, -3, 0));
}

TEST(CategoryLevels, WhatNoFloatHoldsIsToldApart) {
    using Kind = CategoryLevels::Kind;
    EXPECT_EQ(collected(kInt64, {16'777'216, 16'777'217}).kind, Kind::others);
    EXPECT_EQ(collected(kInt64, {1, 1}).kind, Kind::others);
    EXPECT_EQ(collected(7, {0.5}).kind, Kind::others);
    EXPECT_EQ(collected(kInt64, {NAN, 1}).kind, Kind::others);
    EXPECT_EQ(collected(99, {1}).kind, Kind::others);
    EXPECT_EQ(collected(0, {97, 98}, 3).kind, Kind::text);
    EXPECT_EQ(collected(kInt64, std::vector<double>(100'000, 1)).kind, Kind::others);
}

TEST(CategoryLevels, FeaturesWithoutLevelsHaveNone) {
    LevelCollector collector;
    std::vector<CategoryLevels> levels;
    for (int feature = 0; feature < 3; ++feature) {
        collector.begin_feature();
        if (feature == 2) {
            collector.type(kInt64);
            collector.value(7);
        }
        collector.end_feature(levels);
    }
    ASSERT_EQ(levels.size(), 1u);
    EXPECT_EQ(levels[0].feature, 2u);
}

TEST(CategoryLevels, OnlyFeaturesThatATreeAsksForMatter) {
    ModelDescription model = model_with(collected(0, {97}, 2));
    const std::string message =
        test::expect_error(util::ErrorKind::model, [&] { require_codable_levels(model); });
    EXPECT_THAT(message, HasSubstr("feature 'b'"));
    model.is_asked = {true};
    require_codable_levels(model);
    EXPECT_EQ(CategoryCoder(model).memory_bytes(), 0u);
}

TEST(CategoryCoder, PutsCodesInThePlaceOfValues) {
    const CategoryCoder coder(model_with(collected(kInt64, {4, 0, -3})));
    std::vector<float> matrix = {4, 4, 4, 9, kMissing, 9, 0, -3, 0, 7, -0.0F, 7};
    EXPECT_FALSE(coder.code(matrix, 3));
    EXPECT_THAT(matrix, ElementsAre(4, 0, 4, 9, testing::IsNan(), 9, 0, 2, 0, 7, 1, 7));
}

TEST(CategoryCoder, NamesAValueThatIsNoLevel) {
    const CategoryCoder coder(model_with(collected(kInt64, {0, 2})));
    for (const float value : {1.0F, -1.0F, 3.0F, 0.5F, std::numeric_limits<float>::infinity()}) {
        std::vector<float> matrix = {0, 2, 0, 0, value, 0};
        const auto unknown = coder.code(matrix, 3);
        ASSERT_TRUE(unknown);
        EXPECT_EQ(unknown->row, 1u);
        EXPECT_THAT(unknown->what, HasSubstr("feature 'b' has the value"));
        EXPECT_THAT(unknown->what, HasSubstr("(0, 2)"));
    }
}

}  // namespace
}  // namespace erawise::infer
