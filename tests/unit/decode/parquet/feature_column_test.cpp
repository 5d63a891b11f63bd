#include "decode/parquet/feature_column.h"

#include <array>
#include <limits>
#include <vector>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::decode {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;

class FeatureColumnTest : public testing::Test {
  protected:
    std::uint8_t code_of(float value) {
        std::uint8_t code = 0;
        fit_ = decode::code_of(feature_, value, code, place_);
        return code;
    }
    [[nodiscard]] std::vector<float> levels() const {
        const auto span = feature_.levels.span();
        return {span.begin(), span.end()};
    }

    test::TemporaryFolder folder_;
    RandomFile file_{folder_.write("file", "bytes")};
    PageReader pages_{file_, {}};
    PagePlace place_{pages_, 77};
    ParquetColumn column_{.name = "feature_a", .type = PhysicalType::float32, .is_optional = true};
    FeatureColumn feature_{.column = &column_};
    LayoutFit fit_ = LayoutFit::fits;
};

TEST_F(FeatureColumnTest, ValuesBecomeLevelsInTheOrderInWhichTheyCome) {
    EXPECT_EQ(code_of(0.5F), 0);
    EXPECT_EQ(code_of(0.25F), 1);
    EXPECT_EQ(code_of(0.5F), 0);
    EXPECT_THAT(levels(), ElementsAre(0.5F, 0.25F));
}

TEST_F(FeatureColumnTest, AMissingValueIsOneLevelAndMinusZeroAnother) {
    EXPECT_EQ(code_of(0.0F), 0);
    EXPECT_EQ(code_of(-0.0F), 1);
    EXPECT_EQ(code_of(std::numeric_limits<float>::quiet_NaN()), 2);
    EXPECT_EQ(code_of(-std::numeric_limits<float>::signaling_NaN()), 2);
}

TEST_F(FeatureColumnTest, TheNinthLevelTakesAnotherPlaneAndTheSeventeenthTurnsItPlain) {
    for (int value = 0; value < 8; ++value) {
        code_of(static_cast<float>(value));
        EXPECT_EQ(fit_, LayoutFit::fits) << value;
    }
    EXPECT_TRUE(null_takes_another_plane(feature_));
    EXPECT_EQ(code_of(8), 8);
    EXPECT_EQ(fit_, LayoutFit::needs_new_layout);
    EXPECT_EQ(feature_.planes, 4);
    EXPECT_EQ(code_of(8), 8);
    EXPECT_EQ(fit_, LayoutFit::fits) << "it fits from now on";
    for (int value = 9; value < 16; ++value) {
        code_of(static_cast<float>(value));
        EXPECT_EQ(fit_, LayoutFit::fits) << value;
    }
    EXPECT_EQ(feature_.form, era::ColumnForm::coded);
    code_of(16);
    EXPECT_EQ(fit_, LayoutFit::needs_new_layout);
    EXPECT_EQ(feature_.form, era::ColumnForm::plain);
    EXPECT_EQ(levels().size(), 16u);
}

TEST_F(FeatureColumnTest, ANullTakesNoOtherPlaneWhereItHasALevel) {
    code_of(std::numeric_limits<float>::quiet_NaN());
    for (int value = 1; value < 8; ++value) {
        code_of(static_cast<float>(value));
    }
    EXPECT_FALSE(null_takes_another_plane(feature_));
}

TEST_F(FeatureColumnTest, InfiniteValuesAreRefusedWithTheirPlace) {
    for (const float value :
         {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
        EXPECT_THAT(
            expect_error(util::ErrorKind::data, [&] { code_of(value); }),
            testing::AllOf(HasSubstr("'feature_a'"), HasSubstr("byte 77"), HasSubstr("infinite")));
    }
}

/// At a place in the midst of words, in more rows than a word has.
TEST_F(FeatureColumnTest, EncodesValuesToPlanes) {
    constexpr std::size_t kRows = 150;
    constexpr std::size_t kPosition = 70;
    std::vector<float> values;
    for (std::size_t row = 0; row < kRows; ++row) {
        values.push_back(row % 7 == 0 ? std::numeric_limits<float>::quiet_NaN()
                                      : static_cast<float>(row % 5) / (row % 2 == 0 ? 1 : 2));
    }
    feature_.planes = era::kMaxPlanes;
    std::array<std::array<std::uint64_t, 8>, era::kMaxPlanes> bits{};
    Planes planes{};
    for (unsigned plane = 0; plane < era::kMaxPlanes; ++plane) {
        planes[plane] = bits[plane].data();
    }
    ASSERT_EQ(encode(feature_, values, planes, kPosition, place_), LayoutFit::fits);
    for (std::size_t row = 0; row < kRows; ++row) {
        const std::size_t bit = kPosition + row;
        std::uint8_t code = 0;
        for (unsigned plane = 0; plane < era::kMaxPlanes; ++plane) {
            code = static_cast<std::uint8_t>(code | (bits[plane][bit / 64] >> (bit % 64) & 1)
                                                        << plane);
        }
        EXPECT_EQ(code, code_of(values[row])) << row;
    }
}

TEST_F(FeatureColumnTest, LearnsLevelsUntilThereAreTooMany) {
    std::vector<float> values;
    for (int value = 0; value < 12; ++value) {
        values.push_back(static_cast<float>(value) / 4);
    }
    learn(feature_, values, place_);
    EXPECT_EQ(levels(), values);
    EXPECT_EQ(feature_.planes, 4) << "the ninth did not end it";
    values.assign(100, 0);
    for (int value = 0; value < 100; ++value) {
        values[static_cast<std::size_t>(value)] = static_cast<float>(value);
    }
    learn(feature_, values, place_);
    EXPECT_EQ(feature_.form, era::ColumnForm::plain);
}

}  // namespace
}  // namespace erawise::decode
