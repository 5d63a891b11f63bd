#include "decode/parquet/group_rows.h"

#include <gtest/gtest.h>

#include "support/temporary_folder.h"
#include "util/worker_pool.h"

namespace erawise::decode {
namespace {

class DecodedRowsTest : public testing::Test {
  protected:
    [[nodiscard]] std::size_t count_for(std::uint64_t page_rows, std::uint64_t row,
                                        std::uint64_t left, std::size_t room) {
        return DecodedRows(features_, page_rows).count_for(row, left, room);
    }

    test::TemporaryFolder folder_;
    RandomFile file_{folder_.write("file", "bytes")};
    util::WorkerPool pool_{1};
    FeatureSet features_{file_, pool_, {}};
};

TEST_F(DecodedRowsTest, TakesWhatIsLeftWhereItFits) {
    EXPECT_EQ(count_for(700, 0, 1000, 1000), 1000u);
    EXPECT_EQ(count_for(700, 900, 100, 1000), 100u);
}

TEST_F(DecodedRowsTest, EndsAWindowAtTheEndOfAPage) {
    EXPECT_EQ(count_for(700, 0, 10'000, 2000), 1400u);
    EXPECT_EQ(count_for(700, 1400, 8600, 2000), 1400u);
    EXPECT_EQ(count_for(700, 1500, 8500, 2000), 2000u) << "which is an end by itself";
}

TEST_F(DecodedRowsTest, TakesAsMuchOfALongPageAsFits) {
    EXPECT_EQ(count_for(9000, 0, 10'000, 2000), 2000u);
    EXPECT_EQ(count_for(9000, 8000, 2000, 1500), 1000u) << "up to the end of the page";
    EXPECT_EQ(count_for(0, 0, 10'000, 2000), 2000u) << "pages that nobody looked at";
}

}  // namespace
}  // namespace erawise::decode
