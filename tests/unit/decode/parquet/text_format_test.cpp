#include "decode/parquet/text_format.h"

#include <gtest/gtest.h>

namespace erawise::decode {
namespace {

std::string text_of(std::int64_t value, PhysicalType type, Meaning meaning) {
    std::string text;
    append_number(text, value, {.type = type, .meaning = meaning});
    return text;
}

TEST(TextFormat, WholeNumbersHaveTheirTypesSignAndWidth) {
    EXPECT_EQ(text_of(-7, PhysicalType::int64, Meaning::number), "-7");
    EXPECT_EQ(text_of(0xFFFFFFFF, PhysicalType::int32, Meaning::number), "-1");
    EXPECT_EQ(text_of(0xFFFFFFFF, PhysicalType::int32, Meaning::unsigned_number), "4294967295");
    EXPECT_EQ(text_of(-1, PhysicalType::int64, Meaning::unsigned_number), "18446744073709551615");
    EXPECT_EQ(text_of(INT64_MIN, PhysicalType::int64, Meaning::number), "-9223372036854775808");
}

TEST(TextFormat, DatesAreThoseOfTheCalendar) {
    const auto date = [](std::int64_t days) {
        return text_of(days, PhysicalType::int32, Meaning::date);
    };
    EXPECT_EQ(date(0), "1970-01-01");
    EXPECT_EQ(date(-1), "1969-12-31");
    EXPECT_EQ(date(20'786), "2026-11-29");
    EXPECT_EQ(date(11'016), "2000-02-29");
    EXPECT_EQ(date(INT32_MAX), "2147483647") << "no calendar has it";
}

TEST(TextFormat, TimestampsAreDatesWhereTheyAreMidnight) {
    const auto moment = [](std::int64_t value, Meaning unit) {
        return text_of(value, PhysicalType::int64, unit);
    };
    EXPECT_EQ(moment(0, Meaning::timestamp_ns), "1970-01-01");
    EXPECT_EQ(moment(-1, Meaning::timestamp_ms), "1969-12-31T23:59:59.999");
    EXPECT_EQ(moment(1'000'000'500'000, Meaning::timestamp_us), "1970-01-12T13:46:40.5");
    EXPECT_EQ(moment(86'400'000'000'001, Meaning::timestamp_ns), "1970-01-02T00:00:00.000000001");
    EXPECT_EQ(moment(INT64_MIN, Meaning::timestamp_ms), "-9223372036854775808");
    EXPECT_EQ(moment(INT64_MAX, Meaning::timestamp_ns), "2262-04-11T23:47:16.854775807");
}

TEST(TextFormat, UuidsHaveTheirHyphens) {
    std::string text;
    append_uuid(text,
                std::string_view("\x55\x0e\x84\x00\xe2\x9b\x41\xd4\xa7\x16\x44\x66\x55\x44\x00\xff",
                                 kUuidBytes));
    EXPECT_EQ(text, "550e8400-e29b-41d4-a716-4466554400ff");
}

}  // namespace
}  // namespace erawise::decode
