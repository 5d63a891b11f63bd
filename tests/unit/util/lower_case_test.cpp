#include "util/lower_case.h"

#include <gtest/gtest.h>

namespace erawise::util {
namespace {

TEST(LowerCase, IsOfAsciiLettersAlone) {
    EXPECT_EQ(lower_case("AZaz09@[`{ \xC3\x84"), "azaz09@[`{ \xC3\x84");
    static_assert(lower_case('Q') == 'q');
}

}  // namespace
}  // namespace erawise::util
