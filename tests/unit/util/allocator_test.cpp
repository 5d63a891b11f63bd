#include "util/allocator.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <optional>

namespace erawise::util {
namespace {

TEST(Allocator, KeepsBlocksOnlyWhileSomebodyAsksForIt) {
    set_allocator_policy(AllocatorPolicy::give_back);
    std::optional<KeepFreedBlocks> first(std::in_place);
    std::optional<KeepFreedBlocks> second(std::in_place);
    EXPECT_EQ(allocator_policy(), AllocatorPolicy::keep_blocks);
    first.reset();
    EXPECT_EQ(allocator_policy(), AllocatorPolicy::keep_blocks);
    second.reset();
    EXPECT_EQ(allocator_policy(), AllocatorPolicy::give_back);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they have their own malloc

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// Whether a block of this size is mapped by itself, so that freeing it gives it back.
bool is_mapped_alone(std::size_t bytes) {
    const auto before = mallinfo2().hblks;
    void* volatile block = std::malloc(bytes);  // volatile: not optimised away
    const bool mapped = mallinfo2().hblks == before + 1;
    std::free(block);
    return mapped;
}

TEST(Allocator, MapsLargeBlocksAloneButWhileBlocksAreKept) {
    set_allocator_policy(AllocatorPolicy::give_back);
    EXPECT_TRUE(is_mapped_alone(kMiB));
    {
        const KeepFreedBlocks keep;
        EXPECT_FALSE(is_mapped_alone(kMiB));
    }
    // Larger: where the heap cannot shrink (in an emulator), it still has room for what was kept.
    EXPECT_TRUE(is_mapped_alone(3 * kMiB));
}

#endif

}  // namespace
}  // namespace erawise::util
