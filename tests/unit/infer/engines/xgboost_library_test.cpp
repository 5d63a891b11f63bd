#include "infer/engines/xgboost_library.h"

#include <gtest/gtest.h>

#include "infer/forest.h"
#include "infer/random_forests.h"
#include "infer/xgboost_json.h"
#include "support/temporary_folder.h"
#include "util/allocator.h"

namespace erawise::infer {
namespace {

using util::AllocatorPolicy;

TEST(XgboostLibrary, LeavesTheAllocatorAsItWasWhenTheLastBoosterIsGone) {
    util::set_allocator_policy(AllocatorPolicy::give_back);
    const auto library = XgboostLibrary::open();
    EXPECT_EQ(util::allocator_policy(), AllocatorPolicy::give_back);
    const test::TemporaryFolder folder;
    const Forest forest = test::random_forest({.trees = 2, .features = 3, .leaves = 4}, 1);
    const auto file = folder.write("model.json", test::xgboost_json(forest));
    auto first = library->load(file, RowPassing::in_place);
    auto second = library->load(file, RowPassing::in_place);
    EXPECT_EQ(util::allocator_policy(), AllocatorPolicy::keep_blocks);
    first.reset();
    EXPECT_EQ(util::allocator_policy(), AllocatorPolicy::keep_blocks);
    second.reset();
    EXPECT_EQ(util::allocator_policy(), AllocatorPolicy::give_back);
}

}  // namespace
}  // namespace erawise::infer
