#include "util/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace erawise::util {
namespace {

class WorkerPoolOfSize : public testing::TestWithParam<std::size_t> {};

TEST_P(WorkerPoolOfSize, RunsEveryTaskOnceWithAValidWorker) {
    WorkerPool pool(GetParam());
    ASSERT_EQ(pool.workers(), GetParam());
    for (const std::size_t tasks : {0u, 1u, 2u, 3u, 100u}) {
        std::vector<std::atomic<int>> runs(tasks);
        pool.for_each(tasks, [&](std::size_t worker, std::size_t index) {
            ASSERT_LT(worker, pool.workers());
            ++runs[index];
        });
        for (const auto& count : runs) {
            EXPECT_EQ(count.load(), 1);
        }
    }
}

TEST_P(WorkerPoolOfSize, NeverGivesOneWorkerTwoTasksAtATime) {
    WorkerPool pool(GetParam());
    std::vector<std::atomic<bool>> busy(pool.workers());
    pool.for_each(1000, [&](std::size_t worker, std::size_t) {
        ASSERT_FALSE(busy[worker].exchange(true));
        busy[worker] = false;
    });
}

TEST_P(WorkerPoolOfSize, ThrowsTheTasksExceptionAndWorksAgain) {
    WorkerPool pool(GetParam());
    std::atomic<int> started{0};
    EXPECT_THROW(pool.for_each(1000,
                               [&](std::size_t, std::size_t) {
                                   ++started;
                                   throw std::runtime_error("broken");
                               }),
                 std::runtime_error);
    EXPECT_LE(static_cast<std::size_t>(started), GetParam());
    std::atomic<int> runs{0};
    pool.for_each(5, [&](std::size_t, std::size_t) { ++runs; });
    EXPECT_EQ(runs, 5);
}

INSTANTIATE_TEST_SUITE_P(Sizes, WorkerPoolOfSize, testing::Values(1u, 2u, 4u));

}  // namespace
}  // namespace erawise::util
