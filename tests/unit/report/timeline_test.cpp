#include "report/timeline.h"

#include <gmock/gmock.h>

namespace erawise {
namespace {

/// A timeline whose clock and memory a test sets.
class RunTimelineTest : public testing::Test {
  protected:
    void use(std::uint64_t bytes) { memory_ = {bytes, std::max(memory_.peak_bytes, bytes)}; }

    double seconds_ = 100;
    util::ResidentMemory memory_;
    RunTimeline timeline_{[this] { return seconds_; }, [this] { return memory_; }};
};

TEST_F(RunTimelineTest, StagesAreTimedFromTheStartOfTheRun) {
    seconds_ = 101;
    const auto wait = timeline_.begin("wait");
    seconds_ = 103;
    EXPECT_EQ(timeline_.end(wait), 2);
    const auto predict = timeline_.begin("predict");
    seconds_ = 103.5;
    timeline_.end(predict);
    ASSERT_EQ(timeline_.spans().size(), 2U);
    EXPECT_EQ(timeline_.spans()[0].begin_seconds, 1);
    EXPECT_EQ(timeline_.spans()[0].end_seconds, 3);
    EXPECT_EQ(timeline_.spans()[1].name, "predict");
    EXPECT_EQ(timeline_.spans()[1].end_seconds, 3.5);
}

TEST_F(RunTimelineTest, NothingIsSampledUnlessItIsWanted) {
    timeline_.end(timeline_.begin("predict"));
    timeline_.tick();
    EXPECT_TRUE(timeline_.samples().empty());
}

TEST_F(RunTimelineTest, SamplesKeepTheirDistance) {
    timeline_.watch_memory();
    timeline_.tick();
    EXPECT_EQ(timeline_.samples().size(), 1U);
    seconds_ += RunTimeline::kFirstPauseSeconds * 1.01;
    timeline_.tick();
    EXPECT_EQ(timeline_.samples().size(), 2U);
}

TEST_F(RunTimelineTest, APeakBetweenTwoSamplesIsSeen) {
    use(10);
    timeline_.watch_memory();
    use(50);
    use(20);
    seconds_ += 1;
    timeline_.tick();
    seconds_ += 1;
    timeline_.tick();
    ASSERT_EQ(timeline_.samples().size(), 3U);
    EXPECT_EQ(timeline_.samples()[1].bytes, 50U);
    EXPECT_EQ(timeline_.samples()[2].bytes, 20U);
}

TEST_F(RunTimelineTest, ALongRunTakesNoMoreMemoryAndKeepsItsPeaks) {
    timeline_.watch_memory();
    for (int i = 0; i < 100'000; ++i) {
        seconds_ += 0.01;
        use(i == 41'234 ? 900 : 100);
        timeline_.tick();
    }
    const auto& samples = timeline_.samples();
    EXPECT_LE(samples.size(), RunTimeline::kMaxSamples);
    EXPECT_GT(samples.size(), RunTimeline::kMaxSamples / 4);
    EXPECT_TRUE(std::ranges::is_sorted(samples, {}, &MemorySample::seconds));
    EXPECT_EQ(std::ranges::max(samples, {}, &MemorySample::bytes).bytes, 900U);
    EXPECT_GT(samples.back().seconds, 990);
}

}  // namespace
}  // namespace erawise
