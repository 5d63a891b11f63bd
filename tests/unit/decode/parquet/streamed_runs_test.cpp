#include "decode/parquet/streamed_runs.h"

#include <gtest/gtest.h>
#include <snappy.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace erawise::decode {
namespace {

constexpr std::size_t kPadding = 64;

/// Runs of both kinds, short and long, as writers and others make them.
std::string runs_of_both_kinds(unsigned width, std::mt19937& random) {
    std::string bytes;
    const auto number = [&](std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) {
            bytes += static_cast<char>(value | 0x80);
        }
        bytes += static_cast<char>(value);
    };
    for (int run = 0; run < 60; ++run) {
        if (random() % 2 == 0) {
            number(std::uint64_t{random() % 2000 + 1} << 1);
            if (width > 0) {
                bytes += static_cast<char>(random() % (1u << width));
            }
        } else {
            const std::uint64_t groups =
                random() % 4 == 0 ? random() % 9000 + 1 : random() % 63 + 1;
            number(groups << 1 | 1);
            for (std::uint64_t byte = 0; byte < groups * width; ++byte) {
                bytes += static_cast<char>(random());
            }
        }
    }
    return bytes;
}

/// The next `count` values, or fewer at the end.
template <typename Runs>
std::vector<std::uint32_t> take(Runs& runs, std::size_t count, unsigned width) {
    std::vector<std::uint32_t> values;
    while (values.size() < count) {
        const HybridRuns::Run run = runs.next(count - values.size());
        if (run.count == 0) {
            break;
        }
        for (std::size_t i = 0; i < run.count; ++i) {
            values.push_back(run.kind == HybridRuns::Kind::repeated ? run.value
                             : width == 0                           ? 0
                                          : packed_value(run.bytes, run.first + i, width));
        }
    }
    return values;
}

class StreamedRunsTest : public testing::TestWithParam<std::tuple<unsigned, Codec>> {
  protected:
    StreamedRunsTest() : width_(std::get<0>(GetParam())), codec_(std::get<1>(GetParam())) {}

    /// Puts the runs into a page, and has the values that HybridRuns finds in it.
    void write(const std::string& runs) {
        std::string body = runs;
        if (codec_ == Codec::snappy) {
            snappy::Compress(runs.data(), runs.size(), &body);
        }
        std::ofstream(path_, std::ios::binary) << body;
        place_ = {
            .compressed_bytes = body.size(), .uncompressed_bytes = runs.size(), .codec = codec_};
        start_.bytes_left = runs.size();
        const std::string padded = runs + std::string(kPadding, '\0');
        HybridRuns whole(std::span<const char>(padded).first(runs.size()), width_);
        values_ = take(whole, SIZE_MAX, width_);
    }

    unsigned width_;
    Codec codec_;
    test::TemporaryFolder folder_;
    std::filesystem::path path_ = folder_ / "page";
    PageStream::Place place_;
    StreamedRuns::Mark start_;
    std::vector<std::uint32_t> values_;
};

TEST_P(StreamedRunsTest, SlicesOfAnySizeHaveTheValuesOfThePage) {
    std::mt19937 random(width_ + 1);
    for (const std::size_t slice : {1u, 5u, 512u, 1001u, 20'480u, 1'000'000u}) {
        write(runs_of_both_kinds(width_, random));
        const RandomFile file(path_);
        PageStream stream(file);
        StreamedRuns runs(stream);
        StreamedRuns::Mark mark = start_;
        std::vector<std::uint32_t> values;
        const std::size_t most = slice == 1 ? 5000 : SIZE_MAX;
        while (values.size() < std::min(values_.size(), most)) {
            runs.open(place_, width_, mark, slice * width_ / 8 + 1);
            const std::vector<std::uint32_t> more =
                take(runs, std::min(slice, values_.size() - values.size()), width_);
            ASSERT_FALSE(more.empty());
            values.insert(values.end(), more.begin(), more.end());
            mark = runs.mark();
        }
        values_.resize(std::min(values_.size(), values.size()));
        EXPECT_EQ(values, values_) << slice;
    }
}

TEST_P(StreamedRunsTest, PassesOverValues) {
    std::mt19937 random(width_ + 50);
    write(runs_of_both_kinds(width_, random));
    const RandomFile file(path_);
    PageStream stream(file);
    StreamedRuns runs(stream);
    runs.open(place_, width_, start_, 100);
    const auto next = [&](std::size_t limit) { return runs.next(limit); };
    ASSERT_TRUE(skip_values(next, 3333));
    EXPECT_EQ(take(runs, 100, width_), std::vector(values_.begin() + 3333, values_.begin() + 3433));
    EXPECT_FALSE(skip_values(next, values_.size()));
}

TEST_P(StreamedRunsTest, BytesBehindTheLastValueMayBeLeftOut) {
    std::string runs("\x07", 1);  // three groups, of which two are there, and a byte of the third
    runs += std::string(2 * width_ + std::min(width_, 1u), '\x5A');
    write(runs);
    ASSERT_EQ(values_.size(), width_ < 2 ? 24 : 16 + 8 / width_);
    const RandomFile file(path_);
    PageStream stream(file);
    StreamedRuns streamed(stream);
    streamed.open(place_, width_, start_, 100);
    EXPECT_EQ(take(streamed, SIZE_MAX, width_), values_);
}

TEST_P(StreamedRunsTest, DamageIsNoValue) {
    for (const std::string& bytes :
         {std::string(), std::string(9, '\xFF'), std::string(1, '\x80')}) {
        write(bytes);
        const RandomFile file(path_);
        PageStream stream(file);
        StreamedRuns runs(stream);
        runs.open(place_, width_, start_, 100);
        EXPECT_EQ(runs.next(10).count, 0);
    }
}

INSTANTIATE_TEST_SUITE_P(Widths, StreamedRunsTest,
                         testing::Combine(testing::Values(0u, 1u, 2u, 3u, 4u),
                                          testing::Values(Codec::none, Codec::snappy)));

}  // namespace
}  // namespace erawise::decode
