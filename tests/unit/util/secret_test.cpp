#include "util/secret.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>
#include <type_traits>

namespace erawise::util {
namespace {

template <typename T>
concept Streamable = requires(std::ostream& stream, const T& value) { stream << value; };

TEST(Secret, CannotBePrintedOrFormatted) {
    static_assert(!Streamable<Secret>);
    static_assert(!fmt::is_formattable<Secret>::value);
    static_assert(!std::is_convertible_v<Secret, std::string>);
}

TEST(Secret, MovingLeavesNothingBehind) {
    Secret first("a key");
    const Secret second = std::move(first);
    EXPECT_EQ(second.reveal(), "a key");
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): this is the promise
}

TEST(Secret, AssignmentKeepsTheText) {
    Secret a("one");
    const Secret b("two");
    a = b;
    EXPECT_EQ(a.reveal(), "two");
    a = Secret("three");
    EXPECT_EQ(a.reveal(), "three");
}

}  // namespace
}  // namespace erawise::util
