#include "util/bounded_channel.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace erawise::util {
namespace {

TEST(BoundedChannel, KeepsTheOrderAndThenEnds) {
    BoundedChannel<int> channel(4);
    EXPECT_TRUE(channel.push(1));
    EXPECT_TRUE(channel.push(2));
    channel.close();
    EXPECT_EQ(channel.pop(), 1);
    EXPECT_EQ(channel.pop(), 2);
    EXPECT_EQ(channel.pop(), std::nullopt);
    EXPECT_EQ(channel.pop(), std::nullopt);
}

TEST(BoundedChannel, GivesWhatIsQueuedBeforeTheError) {
    BoundedChannel<int> channel(4);
    EXPECT_TRUE(channel.push(1));
    channel.fail(std::make_exception_ptr(std::runtime_error("broken")));
    EXPECT_EQ(channel.pop(), 1);
    EXPECT_THROW(static_cast<void>(channel.pop()), std::runtime_error);
}

TEST(BoundedChannel, NeverHoldsMoreThanItsCapacity) {
    constexpr int kValues = 10'000;
    BoundedChannel<int> channel(3);
    std::atomic<int> in_flight{0};
    std::atomic<int> most{0};
    std::jthread producer([&] {
        for (int i = 0; i < kValues; ++i) {
            ASSERT_TRUE(channel.push(i));
            const int now = ++in_flight;
            int seen = most.load();
            while (now > seen && !most.compare_exchange_weak(seen, now)) {
            }
        }
        channel.close();
    });
    int expected = 0;
    while (const auto value = channel.pop()) {
        --in_flight;
        ASSERT_EQ(*value, expected++);
    }
    EXPECT_EQ(expected, kValues);
    EXPECT_LE(most.load(), 3 + 1);  // the consumer may have taken one that it has not counted yet
}

TEST(BoundedChannel, CancelWakesAProducerThatWaitsForRoom) {
    BoundedChannel<int> channel(1);
    ASSERT_TRUE(channel.push(0));
    bool accepted = true;
    std::jthread producer([&] { accepted = channel.push(1); });
    channel.cancel();
    producer.join();
    EXPECT_FALSE(accepted);
}

TEST(BoundedChannel, CancelWakesAConsumerThatWaitsForAValue) {
    BoundedChannel<int> channel(1);
    std::optional<int> value = 7;
    std::jthread consumer([&] { value = channel.pop(); });
    channel.cancel();
    consumer.join();
    EXPECT_EQ(value, std::nullopt);
}

TEST(BoundedChannel, CarriesMoveOnlyValues) {
    BoundedChannel<std::unique_ptr<int>> channel(1);
    EXPECT_TRUE(channel.push(std::make_unique<int>(5)));
    EXPECT_EQ(**channel.pop(), 5);
}

}  // namespace
}  // namespace erawise::util
