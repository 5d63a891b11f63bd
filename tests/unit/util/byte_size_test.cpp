#include "util/byte_size.h"

#include <gtest/gtest.h>

namespace erawise::util {
namespace {

TEST(ByteSize, ReadsDockersSuffixesAsPowersOfTwo) {
    for (const char* text : {"64MiB", "64M", "64m", "64 MiB", "65536k", "67108864", "67108864B"}) {
        EXPECT_EQ(parse_byte_size(text), 64 * kMiB) << text;
    }
    EXPECT_EQ(parse_byte_size("1.5GiB"), 3 * kGiB / 2);
    EXPECT_EQ(parse_byte_size("0"), 0u);
}

TEST(ByteSize, ReadsDecimalUnitsAsPowersOfTen) {
    EXPECT_EQ(parse_byte_size("64MB"), 64'000'000u);
    EXPECT_EQ(parse_byte_size("1GB"), 1'000'000'000u);
}

TEST(ByteSize, RefusesWhatIsNoSize) {
    for (const char* text :
         {"", "MiB", "64 apples", "-1", "1e3", "nan", "inf", "64MiBB", "99999999999GiB", "0x10"}) {
        EXPECT_EQ(parse_byte_size(text), std::nullopt) << text;
    }
}

TEST(ByteSize, FormatsWithOneDecimal) {
    EXPECT_EQ(format_byte_size(512), "512 B");
    EXPECT_EQ(format_byte_size(64 * kMiB), "64.0 MiB");
    EXPECT_EQ(format_byte_size(kGiB - 1), "1.0 GiB");
    EXPECT_EQ(format_byte_size(kGiB), "1.0 GiB");
}

}  // namespace
}  // namespace erawise::util
