#include "fuzz/allocation_limit.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace erawise::fuzz {
namespace {

constexpr std::size_t kMiB = 1 << 20;

/// Kept from the optimizer, which may leave out what nobody uses.
void use(const void* memory) {
    [[maybe_unused]] static const void* volatile seen;
    seen = memory;
}

/// Every way to memory that libraries have. Each asks for so many bytes and gives them back.
struct Way {
    const char* name;
    void (*ask)(std::size_t bytes);
};

void ask_new(std::size_t bytes) {
    const auto memory = std::make_unique_for_overwrite<char[]>(bytes);
    use(memory.get());
}

void ask_realloc(std::size_t bytes) {
    void* memory = std::malloc(16);
    memory = std::realloc(memory, bytes);
    use(memory);
    std::free(memory);
}

[[maybe_unused]] void ask_posix_memalign(std::size_t bytes) {
    void* memory = nullptr;
    if (posix_memalign(&memory, 64, bytes) == 0) {
        use(memory);
        std::free(memory);
    }
}

constexpr Way kWays[] = {
    {"New", ask_new},
    {"AlignedNew",
     [](std::size_t bytes) {
         void* const memory = ::operator new(bytes, std::align_val_t{64});
         use(memory);
         ::operator delete(memory, std::align_val_t{64});
     }},
    {"Malloc",
     [](std::size_t bytes) {
         void* const memory = std::malloc(bytes);
         use(memory);
         std::free(memory);
     }},
    {"Calloc",
     [](std::size_t bytes) {
         void* const memory = std::calloc(bytes / 8, 8);
         use(memory);
         std::free(memory);
     }},
    {"Realloc", ask_realloc},
#ifndef __SANITIZE_THREAD__  // whose runtime calls no hook for these two
    {"AlignedAlloc",
     [](std::size_t bytes) {
         void* const memory = std::aligned_alloc(64, bytes);
         use(memory);
         std::free(memory);
     }},
    {"PosixMemalign", ask_posix_memalign},
#endif
    {"InAnotherThread", [](std::size_t bytes) { std::thread(ask_new, bytes).join(); }},
};

class EveryWayToMemory : public testing::TestWithParam<Way> {};

TEST_P(EveryWayToMemory, EndsAtTheLimit) {
    EXPECT_DEATH(
        {
            const AllocationLimit limit(4 * kMiB);
            GetParam().ask(5 * kMiB);
        },
        "ALLOCATION LIMIT: [0-9]+ bytes are asked for, [0-9]+ are left");
}

TEST_P(EveryWayToMemory, IsOpenBelowIt) {
    const AllocationLimit limit(4 * kMiB);
    for (int i = 0; i < 100; ++i) {
        GetParam().ask(3 * kMiB);  // and is given back each time
    }
    EXPECT_LT(limit.used(), kMiB);
}

INSTANTIATE_TEST_SUITE_P(Ways, EveryWayToMemory, testing::ValuesIn(kWays),
                         [](const auto& way) { return way.param.name; });

TEST(AllocationLimit, ManySmallPiecesAreCounted) {
    EXPECT_DEATH(
        {
            const AllocationLimit limit(4 * kMiB);
            std::vector<std::unique_ptr<std::string>> pieces;
            for (std::size_t i = 0; i < 8 * kMiB / 256; ++i) {
                pieces.push_back(std::make_unique<std::string>(256, 'x'));
            }
        },
        "ALLOCATION LIMIT");
}

TEST(AllocationLimit, CountsFromWhereItBegins) {
    const std::string before(16 * kMiB, 'x');
    AllocationLimit limit(4 * kMiB);
    EXPECT_EQ(limit.used(), 0u);
    const std::string more(2 * kMiB, 'x');
    use(more.data());
    EXPECT_GE(limit.used(), 2 * kMiB);
    limit.set(32 * kMiB);
    EXPECT_EQ(std::string(20 * kMiB, 'x').size(), 20 * kMiB);
}

TEST(AllocationLimit, EndsWithItsObject) {
    {
        const AllocationLimit limit(kMiB);
    }
    EXPECT_EQ(std::string(8 * kMiB, 'x').size(), 8 * kMiB);
}

}  // namespace
}  // namespace erawise::fuzz
