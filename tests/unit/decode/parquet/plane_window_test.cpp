#include "decode/parquet/plane_window.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace erawise::decode {
namespace {

/// A feature of three planes, one of four, and a plain one.
era::BlockLayout sample_layout() {
    era::BlockLayout layout;
    layout.add(era::ColumnForm::coded, 3);
    layout.add(era::ColumnForm::coded, 4);
    layout.add(era::ColumnForm::plain, 0);
    return layout;
}

/// Something else in every row and plane.
void fill(const PlaneWindow& window, const era::BlockLayout& layout, std::size_t rows) {
    std::mt19937_64 random(7);
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
        const ColumnTarget& target = window.column(i);
        for (unsigned plane = 0; plane < layout.columns[i].planes; ++plane) {
            for (std::size_t word = 0; word < rows / 64; ++word) {
                target.planes[plane][word] = random();
            }
        }
        if (layout.columns[i].form == era::ColumnForm::plain) {
            for (std::size_t row = 0; row < rows; ++row) {
                target.values[row] = static_cast<float>(random() % 1000);
            }
        }
    }
}

std::uint64_t bit_of(const std::uint64_t* plane, std::size_t row) {
    return plane[row / 64] >> (row % 64) & 1;
}

TEST(PlaneWindow, HasRoomForWholeBlocksOfWhatItWasGiven) {
    const era::BlockLayout layout = sample_layout();
    for (const std::size_t rows : {std::size_t{512}, std::size_t{1024}, std::size_t{20'480}}) {
        PlaneWindow window(PlaneWindow::bytes_for(layout, rows));
        window.set_layout(layout, SIZE_MAX / 2);
        EXPECT_EQ(window.capacity(), rows);
        PlaneWindow less(PlaneWindow::bytes_for(layout, rows) - 1);
        less.set_layout(layout, SIZE_MAX / 2);
        EXPECT_EQ(less.capacity(), rows - 512);
    }
}

TEST(PlaneWindow, IsNoLongerThanIsOfUse) {
    const era::BlockLayout layout = sample_layout();
    PlaneWindow window(PlaneWindow::bytes_for(layout, 100'000));
    window.set_layout(layout, 5000);
    EXPECT_EQ(window.capacity(), 5120u);
    EXPECT_GE(window.storage(layout).size() + layout.block_bytes,
              PlaneWindow::bytes_for(layout, 100'000))
        << "all of the memory serves while there are no rows";
}

TEST(PlaneWindow, WithoutMemoryItHasNoRows) {
    PlaneWindow window(0);
    window.set_layout(sample_layout(), 5000);
    EXPECT_EQ(window.capacity(), 0u);
}

TEST(PlaneWindow, CopiesRowsFromAnywhereToAnywhereInABlock) {
    const auto layout = std::make_shared<const era::BlockLayout>(sample_layout());
    PlaneWindow window(PlaneWindow::bytes_for(*layout, 2048));
    window.set_layout(*layout, 2048);
    fill(window, *layout, 2048);
    era::EraBatch batch(4 * layout->block_bytes);
    batch.reset(layout, "era1");
    constexpr std::size_t kBlock = 2;
    for (const std::size_t from : {0u, 1u, 63u, 64u, 1000u}) {
        for (const std::size_t to : {0u, 1u, 64u, 77u}) {
            constexpr std::size_t kRows = 333;
            window.copy_rows(from, kRows, batch, kBlock, to);
            for (std::size_t row = 0; row < kRows; ++row) {
                for (std::size_t i = 0; i < 2; ++i) {
                    for (unsigned plane = 0; plane < layout->columns[i].planes; ++plane) {
                        ASSERT_EQ(bit_of(batch.planes(kBlock, i) + plane * 8, to + row),
                                  bit_of(window.column(i).planes[plane], from + row))
                            << from << " to " << to;
                    }
                }
                ASSERT_EQ(batch.values(kBlock, 2)[to + row], window.column(2).values[from + row]);
            }
        }
    }
}

TEST(PlaneWindow, PartsOfAColumnAreItsPlanesInOrder) {
    const era::BlockLayout layout = sample_layout();
    PlaneWindow window(PlaneWindow::bytes_for(layout, 2048));
    window.set_layout(layout, 2048);
    std::vector<iovec> parts;
    PlaneWindow::append_parts(layout.columns[0], window.column(0), 512, 1024, parts);
    ASSERT_EQ(parts.size(), 3u);
    EXPECT_EQ(parts[1].iov_base, window.column(0).planes[1] + 512 / 64);
    EXPECT_EQ(parts[1].iov_len, 1024u / 8);
    parts.clear();
    PlaneWindow::append_parts(layout.columns[2], window.column(2), 512, 1024, parts);
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0].iov_base, window.column(2).values + 512);
    EXPECT_EQ(parts[0].iov_len, 1024 * sizeof(float));
}

}  // namespace
}  // namespace erawise::decode
