#include "decode/parquet/memory.h"

#include <gtest/gtest.h>

#include "decode/parquet/plane_window.h"

namespace erawise::decode {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

era::BlockLayout layout_of(std::size_t coded, std::size_t plain) {
    era::BlockLayout layout;
    for (std::size_t i = 0; i < coded; ++i) {
        layout.add(era::ColumnForm::coded, 3);
    }
    for (std::size_t i = 0; i < plain; ++i) {
        layout.add(era::ColumnForm::plain, 0);
    }
    return layout;
}

ParquetMemory memory_of(std::uint64_t rows, std::size_t features) {
    ParquetMemory memory;
    memory.set_file({.rows = rows,
                     .most_group_rows = rows,
                     .fixed_bytes = 1000,
                     .features = features,
                     .workers = 2});
    return memory;
}

TEST(ParquetMemory, TheLeastWindowIsABlockOfRows) {
    ParquetMemory memory = memory_of(100'000, 100);
    memory.see_page_rows(1000);
    for (const auto& layout : {layout_of(100, 0), layout_of(0, 100), layout_of(40, 60)}) {
        EXPECT_EQ(memory.window_needs(layout).minimum_bytes,
                  PlaneWindow::bytes_for(layout, era::kBlockRows));
    }
}

TEST(ParquetMemory, AWindowIsNotLongerThanTheFile) {
    ParquetMemory memory = memory_of(17, 100);
    memory.see_page_rows(17);
    const era::BlockLayout layout = layout_of(100, 0);
    EXPECT_EQ(memory.window_needs(layout).preferred_bytes, PlaneWindow::bytes_for(layout, 17));
}

TEST(ParquetMemory, PagesLongerThanSomeWindowsTakeAColumnOfTheGroup) {
    ParquetMemory memory = memory_of(1'000'000, 3);
    memory.see_page_rows(20'000);
    const era::BlockLayout layout = layout_of(2, 1);
    EXPECT_GE(memory.window_needs(layout).minimum_bytes, 4'000'000u);
    EXPECT_TRUE(memory.has_room_to_spill(layout, memory.window_needs(layout).minimum_bytes));

    ParquetMemory sliced = memory_of(1'000'000, 3);
    sliced.slice_pages();
    sliced.see_page_rows(20'000);
    EXPECT_LT(sliced.window_needs(layout).minimum_bytes, 10'000u);
    sliced.spill_group();
    EXPECT_GE(sliced.window_needs(layout).minimum_bytes, 4'000'000u);
}

TEST(ParquetMemory, AGroupIsSpilledWhereTheWindowHoldsItsLargestPageOfIds) {
    ParquetMemory memory = memory_of(1'000'000, 3);
    memory.slice_pages();
    const era::BlockLayout layout = layout_of(3, 0);
    EXPECT_TRUE(memory.has_room_to_spill(layout, kMiB));
    memory.see_texts({.large_bytes = 5 * kMiB, .largest_page_bytes = 5 * kMiB});
    EXPECT_FALSE(memory.has_room_to_spill(layout, 5 * kMiB));
    EXPECT_TRUE(memory.has_room_to_spill(layout, 6 * kMiB));
    memory.spill_group();
    EXPECT_GE(memory.window_needs(layout).minimum_bytes, 5 * kMiB);
}

TEST(ParquetMemory, PagesOfGroupsThatAreSpilledAreInTheWindow) {
    ParquetMemory memory = memory_of(1'000'000, 3);
    memory.see_page_rows(1'000'000);
    memory.see({.most_bytes = 8 * kMiB});
    const era::BlockLayout layout = layout_of(0, 3);
    const std::uint64_t held = memory.decoder_bytes();
    EXPECT_GE(held, 16 * kMiB) << "one of each worker";
    memory.take_spill_files();
    EXPECT_LT(memory.decoder_bytes(), held - 16 * kMiB);
    EXPECT_GE(memory.window_needs(layout).minimum_bytes, 16 * kMiB);
}

TEST(ParquetMemory, WhatIsSeenLaterOnlyAddsToIt) {
    ParquetMemory memory = memory_of(1'000'000, 10);
    const era::BlockLayout layout = layout_of(10, 0);
    memory.see_page_rows(100);
    memory.see({.most_bytes = kMiB, .most_held_bytes = kMiB, .dictionary_bytes = 1000});
    EXPECT_TRUE(memory.see_texts({.bytes = kMiB}));
    const std::uint64_t bytes = memory.decoder_bytes();
    const std::uint64_t window = memory.window_needs(layout).minimum_bytes;

    memory.see_page_rows(10);
    memory.see({.most_bytes = 1, .most_held_bytes = 1, .dictionary_bytes = 1});
    EXPECT_FALSE(memory.see_texts({.bytes = 1}));
    EXPECT_EQ(memory.decoder_bytes(), bytes);
    EXPECT_EQ(memory.window_needs(layout).minimum_bytes, window);

    memory.hold_large_page(3 * kMiB);
    EXPECT_GE(memory.decoder_bytes(), bytes + 4 * kMiB);
    EXPECT_GE(memory.page_bytes(), 3 * kMiB);
    EXPECT_TRUE(memory.hold_large_texts({.large_bytes = 5 * kMiB}));
    EXPECT_FALSE(memory.hold_large_texts({.large_bytes = 5 * kMiB}));
    EXPECT_GE(memory.page_bytes(), 5 * kMiB);
}

TEST(ParquetMemory, PagesThatAreReadInSlicesAreNotHeld) {
    ParquetMemory memory = memory_of(1'000'000, 10);
    memory.slice_pages();
    memory.see({.most_bytes = 100 * kMiB, .most_held_bytes = 1000});
    EXPECT_LT(memory.decoder_bytes(), 10 * kMiB);
}

}  // namespace
}  // namespace erawise::decode
