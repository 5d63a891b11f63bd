#include "decode/parquet/group_spill.h"

#include <random>
#include <vector>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::decode {
namespace {

constexpr std::size_t kFeatures = 7;

/// What a feature has in a row: codes below 8, or any number for the plain one.
std::uint32_t value_of(std::size_t feature, std::size_t row) {
    const auto mixed = static_cast<std::uint32_t>((row * 2654435761U) ^ (feature * 40503U));
    return (mixed >> 7) % (feature == 3 ? 100'000 : 8);
}

era::BlockLayout sample_layout() {
    era::BlockLayout layout;
    for (std::size_t i = 0; i < kFeatures; ++i) {
        layout.add(i == 3 ? era::ColumnForm::plain : era::ColumnForm::coded, i == 3 ? 0 : 3);
    }
    return layout;
}

void decode_feature(std::size_t feature, std::size_t rows, const ColumnTarget& target) {
    for (std::size_t row = 0; row < rows; ++row) {
        const std::uint32_t value = value_of(feature, row);
        if (target.values != nullptr) {
            target.values[row] = static_cast<float>(value);
            continue;
        }
        for (unsigned plane = 0; plane < 3; ++plane) {
            put_bits(target.planes[plane], row, value >> plane & 1, 1);
        }
    }
}

std::uint32_t value_in(const ColumnTarget& target, std::size_t row) {
    if (target.values != nullptr) {
        return static_cast<std::uint32_t>(target.values[row]);
    }
    std::uint64_t code = 0;
    for (unsigned plane = 0; plane < 3; ++plane) {
        code |= (target.planes[plane][row / 64] >> (row % 64) & 1) << plane;
    }
    return static_cast<std::uint32_t>(code);
}

class GroupSpillTest : public testing::Test {
  protected:
    /// In the build folder, which is on a disk.
    test::TemporaryFolder folder_{std::filesystem::current_path()};
    const era::BlockLayout layout_ = sample_layout();
};

class EveryNumberOfColumns : public GroupSpillTest,
                             public testing::WithParamInterface<std::size_t> {};

/// Whatever number of columns the memory holds at a time, windows are the same.
TEST_P(EveryNumberOfColumns, WindowsAreWhatWasDecoded) {
    constexpr std::size_t kRows = 5000;
    constexpr std::size_t kWindow = 1024;
    GroupSpill spill(folder_.path(), kRows);
    const std::size_t padded = GroupSpill::padded_rows(kRows);
    EXPECT_EQ(padded, 5120u);
    era::AlignedBytes memory(PlaneWindow::column_bytes(layout_.columns[3], padded) +
                             GetParam() * PlaneWindow::column_bytes(layout_.columns[0], padded));
    std::size_t decoded = 0;
    ASSERT_TRUE(spill.write_features(layout_, kWindow, {memory.data(), memory.size()},
                                     [&](std::size_t first, std::span<const ColumnTarget> targets) {
                                         EXPECT_EQ(first, decoded) << "in order, each once";
                                         for (std::size_t i = 0; i < targets.size(); ++i) {
                                             decode_feature(first + i, kRows, targets[i]);
                                         }
                                         decoded += targets.size();
                                         return true;
                                     }));
    EXPECT_EQ(decoded, kFeatures);
    EXPECT_GE(spill.bytes(), kRows * (6 * 3 / 8 + sizeof(float)));

    PlaneWindow window(PlaneWindow::bytes_for(layout_, kWindow));
    window.set_layout(layout_, kWindow);
    for (std::size_t row = 0; row < kRows; row += kWindow) {
        spill.read(layout_, window, row);
        for (std::size_t i = 0; i < std::min(kWindow, kRows - row); ++i) {
            for (std::size_t feature = 0; feature < kFeatures; ++feature) {
                ASSERT_EQ(value_in(window.column(feature), i), value_of(feature, row + i));
            }
        }
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path())) << "the files have no names";
}

INSTANTIATE_TEST_SUITE_P(GroupSpill, EveryNumberOfColumns, testing::Values(0, 1, 3, 100));

TEST_F(GroupSpillTest, EndsWhereADecoderNeedsAnotherLayout) {
    GroupSpill spill(folder_.path(), 1000);
    era::AlignedBytes memory(PlaneWindow::column_bytes(layout_.columns[3], 1024));
    int calls = 0;
    EXPECT_FALSE(spill.write_features(
        layout_, 512, {memory.data(), memory.size()},
        [&](std::size_t, std::span<const ColumnTarget>) { return ++calls < 2; }));
    EXPECT_EQ(calls, 2);
}

TEST(GroupSpill, AFolderThatTakesNoFilesIsADiskError) {
    test::expect_error(util::ErrorKind::disk, [] { GroupSpill("/dev/shm", 1000); });
}

}  // namespace
}  // namespace erawise::decode
