#include "util/memory_cap.h"

#include <gtest/gtest.h>

namespace erawise::util {
namespace {

TEST(MemoryCap, TheSmallerOfBothCounts) {
    const auto one = memory_cap(1, "flag --memory-limit");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->bytes, 1u);
    EXPECT_EQ(one->source, "flag --memory-limit");
}

}  // namespace
}  // namespace erawise::util
