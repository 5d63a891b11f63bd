#include "predict/memory_plan.h"

#include <numeric>
#include <regex>

#include "era/era_batch.h"
#include "support/expect_error.h"
#include "util/byte_size.h"

namespace erawise {
namespace {

using test::expect_error;
using util::kMiB;

MemoryNeeds typical_needs() {
    MemoryNeeds needs;
    needs.resident_bytes = 12 * kMiB;
    needs.decompression_bytes = 8 * kMiB;
    needs.decoder_bytes = kMiB;
    needs.block_bytes = 310 * 3 * era::kPlaneBytes;
    needs.predictors = {{30 * kMiB, 14 * kMiB, kMiB}};
    needs.threads = 2;
    return needs;
}

MemoryCap cap_of(std::uint64_t bytes, double share = 1) {
    return {bytes, "a test", share};
}

TEST(MemoryPlan, EntriesAddUpToItsSum) {
    const MemoryPlan plan = plan_memory(typical_needs(), cap_of(64 * kMiB));
    const std::uint64_t sum = std::accumulate(
        plan.entries.begin(), plan.entries.end(), std::uint64_t{0},
        [](std::uint64_t total, const auto& entry) { return total + entry.second; });
    EXPECT_EQ(sum, plan.running_bytes);
    EXPECT_LE(plan.total_bytes(), 64 * kMiB);
}

TEST(MemoryPlan, BatchesShrinkBeforeItGivesUp) {
    MemoryNeeds needs = typical_needs();
    needs.predictors[0].while_loading_bytes = needs.predictors[0].resident_bytes;
    const MemoryPlan wide = plan_memory(needs, std::nullopt);
    std::uint64_t smallest = 0;
    for (std::uint64_t cap = wide.total_bytes(); cap > 0; cap -= 64 * 1024) {
        try {
            const MemoryPlan plan = plan_memory(needs, cap_of(cap));
            EXPECT_LE(plan.total_bytes(), cap);
            EXPECT_LE(plan.batch_storage_bytes, wide.batch_storage_bytes);
            EXPECT_GE(plan.batch_storage_bytes, needs.block_bytes);
            smallest = plan.batch_storage_bytes;
        } catch (const util::Error& error) {
            EXPECT_EQ(error.kind(), util::ErrorKind::memory);
            break;
        }
    }
    EXPECT_EQ(smallest, needs.block_bytes) << "one block of rows is the last step";
}

TEST(MemoryPlan, RefusalNamesALimitThatWouldDo) {
    for (const double share : {1.0, 0.9}) {
        for (const std::uint64_t cap : {kMiB, 20 * kMiB, 30 * kMiB}) {
            const std::string message = expect_error(
                util::ErrorKind::memory, [&] { plan_memory(typical_needs(), cap_of(cap, share)); });
            std::smatch number;
            ASSERT_TRUE(std::regex_search(message, number, std::regex("a limit of (\\d+) MiB")))
                << message;
            const std::uint64_t limit = std::stoull(number[1]) * kMiB;
            EXPECT_NO_THROW(plan_memory(
                typical_needs(), cap_of(static_cast<std::uint64_t>(share * double(limit)), share)));
        }
    }
}

TEST(MemoryPlan, TheLeastIsWhereItIsNotRefused) {
    MemoryNeeds needs = typical_needs();
    needs.window_bytes = 8 * kMiB;
    needs.least_window_bytes = kMiB;
    const std::uint64_t least = least_memory_bytes(needs);
    EXPECT_EQ(plan_memory(needs, cap_of(least)).total_bytes(), least);
    expect_error(util::ErrorKind::memory, [&] { plan_memory(needs, cap_of(least - 1)); });
}

TEST(MemoryPlan, WithoutACapNothingIsTooLarge) {
    const MemoryPlan plan = plan_memory(typical_needs(), std::nullopt);
    EXPECT_EQ(plan.era_memory_bytes, UINT64_MAX);
    EXPECT_EQ(plan.lookup_bytes, UINT64_MAX);
    EXPECT_EQ(plan.decompression_limit_bytes, UINT64_MAX);
    EXPECT_LT(plan.decompression_threads_bytes, util::kMiB * 1024) << "threads are no need";
}

TEST(MemoryPlan, WhatIsLeftOverIsGivenAwayOnce) {
    const MemoryNeeds needs = typical_needs();
    for (const std::uint64_t cap : {64 * kMiB, 256 * kMiB}) {
        const MemoryPlan plan = plan_memory(needs, cap_of(cap));
        const std::uint64_t grown = plan.era_memory_bytes - needs.held_era_bytes +
                                    plan.lookup_bytes - needs.lookup_bytes +
                                    plan.decompression_limit_bytes - needs.decompression_bytes;
        EXPECT_LE(plan.total_bytes() + grown, cap);
    }
}

TEST(MemoryPlan, ALimitForAnEraLeavesItThatMuch) {
    MemoryNeeds needs = typical_needs();
    needs.held_era_bytes = kMiB;
    for (const double share : {1.0, 0.9}) {
        for (const std::uint64_t era : {0 * kMiB, kMiB, 3 * kMiB, 100 * kMiB}) {
            const std::uint64_t limit = limit_for_era(needs, cap_of(kMiB, share), era) * kMiB;
            const auto cap = cap_of(static_cast<std::uint64_t>(share * double(limit)), share);
            EXPECT_GE(plan_memory(needs, cap).era_memory_bytes, era);
        }
    }
}

TEST(MemoryPlan, PeakWhileLoadingCountsToo) {
    MemoryNeeds needs = typical_needs();
    needs.predictors = {{100 * kMiB, 10 * kMiB, kMiB}};
    EXPECT_GE(plan_memory(needs, std::nullopt).total_bytes(), 112 * kMiB);
    expect_error(util::ErrorKind::memory, [&] { plan_memory(needs, cap_of(64 * kMiB)); });
}

TEST(MemoryPlan, LoadingTheSecondModelCountsTheFirst) {
    MemoryNeeds needs = typical_needs();
    needs.predictors = {{30 * kMiB, 14 * kMiB, kMiB}, {30 * kMiB, 14 * kMiB, kMiB}};
    EXPECT_GE(plan_memory(needs, std::nullopt).loading_bytes, (12 + 14 + 30) * kMiB);
}

TEST(MemoryPlan, OneThreadHasOneBatch) {
    MemoryNeeds needs = typical_needs();
    needs.threads = 1;
    EXPECT_EQ(plan_memory(needs, std::nullopt).batches, 1u);
    needs.threads = 2;
    EXPECT_EQ(plan_memory(needs, std::nullopt).batches, 3u);
}

TEST(MemoryPlan, WithoutFeaturesThereIsStillAPlan) {
    MemoryNeeds needs = typical_needs();
    needs.block_bytes = 0;
    EXPECT_NO_THROW(plan_memory(needs, cap_of(64 * kMiB)));
}

}  // namespace
}  // namespace erawise
