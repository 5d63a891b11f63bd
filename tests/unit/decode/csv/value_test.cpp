#include "decode/csv/value.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <string>

namespace erawise::decode {
namespace {

using Kind = CsvValue::Kind;

std::optional<float> read_float(std::string_view field) {
    return CsvNumbers().read_float(field);
}

TEST(CsvValue, ReadsNumbersAsPythonDoes) {
    EXPECT_EQ(read_float("0.25"), 0.25F);
    EXPECT_EQ(read_float("-1e-3"), static_cast<float>(-1e-3));
    EXPECT_EQ(read_float("+1"), 1.0F);
    EXPECT_EQ(read_float("1."), 1.0F);
    EXPECT_EQ(read_float(".5"), 0.5F);
    EXPECT_EQ(read_float("007"), 7.0F);
    EXPECT_EQ(read_float("1E+5"), 1e5F);
    // Between two float32 values: rounded to float64 first, as pandas and XGBoost do.
    EXPECT_EQ(read_float("0.1000000052154064178466796876"),
              static_cast<float>(0.1000000052154064178466796876));
}

TEST(CsvValue, NumbersThatAreTooSmallAreZero) {
    for (const std::string& text :
         {std::string("1e-400"), "0." + std::string(400, '0') + "1", std::string("1e-99999999")}) {
        EXPECT_EQ(read_value(text).number, 0.0) << text;
        EXPECT_EQ(read_value(text).kind, Kind::number) << text;
    }
    EXPECT_TRUE(std::signbit(read_value("-1e-400").number));
    EXPECT_EQ(read_value("4.9406564584124654e-324").number,
              std::numeric_limits<double>::denorm_min());
}

TEST(CsvValue, NumbersMayHaveWhiteSpaceAroundThem) {
    for (const char* const text :
         {" 0.5", "0.5 ", "   0.500", "\t0.5\t", "0.5\r", "0.5\n", "\v.5\f"}) {
        EXPECT_EQ(read_float(text), 0.5F) << text;
    }
}

TEST(CsvValue, WhatPandasTakesForMissingIsMissing) {
    for (const char* const text :
         {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
          "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}) {
        EXPECT_EQ(read_value(text).kind, Kind::missing) << text;
        EXPECT_TRUE(is_missing(text)) << text;
        ASSERT_TRUE(read_float(text)) << text;
        EXPECT_TRUE(std::isnan(*read_float(text))) << text;
    }
}

TEST(CsvValue, TrueAndFalseAreOneAndZero) {
    for (const char* const text : {"True", "TRUE", "true", "tRuE"}) {
        EXPECT_EQ(read_value(text).kind, Kind::boolean) << text;
        EXPECT_EQ(read_float(text), 1.0F) << text;
    }
    EXPECT_EQ(read_float("False"), 0.0F);
    EXPECT_EQ(read_value("False").kind, Kind::boolean);
}

TEST(CsvValue, WhatIsNoNumberIsText) {
    for (const char* const text : {"x",
                                   "0.5x",
                                   "1,0",
                                   "++1",
                                   "+-1",
                                   "+",
                                   "-",
                                   ".",
                                   " ",
                                   "0x10",
                                   "0x1p3",
                                   "1_000",
                                   "1e",
                                   "1e5.5",
                                   "1 2",
                                   " nan",
                                   "nan ",
                                   "NAN",
                                   "nan(1)",
                                   "+nan",
                                   " True",
                                   "50%",
                                   "\xa0"
                                   "1"}) {
        EXPECT_EQ(read_value(text).kind, Kind::text) << text;
        EXPECT_FALSE(read_float(text)) << text;
        EXPECT_THAT(std::string(CsvNumbers::refusal(text)), testing::HasSubstr("not a number"));
    }
}

TEST(CsvValue, InfiniteValuesAreNamedAsSuch) {
    for (const char* const text : {"inf", "-Infinity", "INF", "+inf", "1e999", "-1e999"}) {
        EXPECT_EQ(read_value(text).kind, Kind::infinite) << text;
        EXPECT_FALSE(CsvNumbers().read(text)) << text;
        EXPECT_THAT(std::string(CsvNumbers::refusal(text)), testing::HasSubstr("infinite"));
    }
}

TEST(CsvNumbers, WhatIsTooLargeForFloat32IsNoFloat) {
    EXPECT_TRUE(CsvNumbers().read("1e39"));
    EXPECT_FALSE(read_float("1e39"));
    EXPECT_THAT(std::string(CsvNumbers::refusal("1e39")),
                testing::HasSubstr("too large for float32"));
}

TEST(CsvNumbers, AColumnHoldsNumbersOrBooleansAndMissingValuesWithEither) {
    CsvNumbers numbers;
    EXPECT_TRUE(numbers.read(""));
    EXPECT_TRUE(numbers.read("1"));
    EXPECT_FALSE(numbers.read("True"));
    EXPECT_TRUE(numbers.read("2"));
    CsvNumbers booleans;
    EXPECT_TRUE(booleans.read("False"));
    EXPECT_TRUE(booleans.read("NA"));
    EXPECT_FALSE(booleans.read("0"));
    EXPECT_THAT(std::string(CsvNumbers::refusal("True")), testing::HasSubstr("also holds numbers"));
    EXPECT_THAT(std::string(CsvNumbers::refusal("0")), testing::HasSubstr("True or False"));
}

}  // namespace
}  // namespace erawise::decode
