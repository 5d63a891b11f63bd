#include "era/era_batch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>

namespace erawise::era {
namespace {

std::shared_ptr<const BlockLayout> two_column_layout() {
    auto layout = std::make_shared<BlockLayout>();
    layout->add(ColumnForm::coded, 3);
    layout->add(ColumnForm::plain, 0);
    return layout;
}

TEST(BlockLayout, PutsColumnsOneAfterTheOtherOnCacheLines) {
    const auto layout = two_column_layout();
    EXPECT_EQ(layout->columns[0].offset, 0u);
    EXPECT_EQ(layout->columns[1].offset, 3 * kPlaneBytes);
    EXPECT_EQ(layout->block_bytes, 3 * kPlaneBytes + kBlockRows * sizeof(float));
}

TEST(EraBatch, HoldsAsManyBlocksAsFitItsStorage) {
    const auto layout = two_column_layout();
    EraBatch batch(3 * layout->block_bytes + layout->block_bytes / 2);
    batch.reset(layout, "era1");
    EXPECT_EQ(batch.row_capacity(), 3 * kBlockRows);
}

TEST(EraBatch, StorageIsAlignedForVectors) {
    const auto layout = two_column_layout();
    EraBatch batch(layout->block_bytes);
    batch.reset(layout, "era1");
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(batch.planes(0, 0)) % kPlaneBytes, 0u);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(batch.values(0, 1)) % kPlaneBytes, 0u);
}

TEST(EraBatch, DecodesCodesAndPlainValues) {
    const auto layout = two_column_layout();
    EraBatch batch(2 * layout->block_bytes);
    batch.reset(layout, "era1");
    for (int i = 0; i < 600; ++i) {
        batch.ids.push_back("id");
    }
    batch.levels[0].values = {0.0F, 0.25F, 0.5F, 0.75F, 1.0F, NAN};
    batch.levels[0].count = 6;
    // Row 513 is bit 1 of block 1; its code is 4, then 5.
    std::uint64_t* planes = batch.planes(1, 0);
    planes[16] = 2;
    batch.values(1, 1)[1] = 42.0F;
    EXPECT_EQ(batch.value(513, 0), 1.0F);
    EXPECT_EQ(batch.value(513, 1), 42.0F);
    EXPECT_EQ(batch.value(512, 0), 0.0F);
    planes[0] = 2;
    EXPECT_TRUE(std::isnan(batch.value(513, 0)));
}

TEST(EraBatch, HasNoMoreLevelsThanItsPlanesHaveCodes) {
    const auto layout = two_column_layout();
    EraBatch batch(layout->block_bytes);
    batch.reset(layout, "era1");
    Levels levels;
    levels.count = 6;
    batch.set_levels(0, levels);
    EXPECT_EQ(batch.levels[0].count, 6u);
    levels.count = 9;  // the ninth was met behind the batch
    batch.set_levels(0, levels);
    EXPECT_EQ(batch.levels[0].count, 8u);
    batch.set_levels(1, levels);  // it was coded until then
    EXPECT_EQ(batch.levels[1].count, 0u);
}

TEST(EraBatch, LastBlockHasTheRestOfTheRows) {
    const auto layout = two_column_layout();
    EraBatch batch(2 * layout->block_bytes);
    batch.reset(layout, "era1");
    EXPECT_EQ(batch.blocks(), 0u);
    for (std::size_t rows = 1; rows <= 2 * kBlockRows; ++rows) {
        batch.ids.push_back("");
        const std::size_t blocks = batch.blocks();
        ASSERT_EQ(blocks, rows <= kBlockRows ? 1u : 2u);
        ASSERT_EQ(batch.rows_in_block(blocks - 1), rows - (blocks - 1) * kBlockRows);
    }
}

TEST(EraBatch, ResetForgetsRowsAndLevels) {
    const auto layout = two_column_layout();
    EraBatch batch(layout->block_bytes);
    batch.reset(layout, "era1");
    batch.ids.push_back("a");
    batch.levels[0].count = 3;
    batch.reset(layout, "era2");
    EXPECT_EQ(batch.rows(), 0u);
    EXPECT_EQ(batch.levels[0].count, 0u);
    EXPECT_EQ(batch.era, "era2");
}

TEST(RowIds, KeepsEachIdWhateverItsLength) {
    RowIds ids;
    ids.push_back("");
    ids.push_back("n0003aa52cab36c2");
    ids.push_back("x");
    ASSERT_EQ(ids.size(), 3u);
    EXPECT_EQ(ids[0], "");
    EXPECT_EQ(ids[1], "n0003aa52cab36c2");
    EXPECT_EQ(ids[2], "x");
}

}  // namespace
}  // namespace erawise::era
