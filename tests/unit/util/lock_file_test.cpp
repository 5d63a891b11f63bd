#include "util/lock_file.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::util {
namespace {

TEST(LockFile, HasOneHolderAndLeavesNoFile) {
    const test::TemporaryFolder folder;
    {
        const auto first = LockFile::try_take(folder / "lock");
        EXPECT_TRUE(first);
        EXPECT_FALSE(LockFile::try_take(folder / "lock"));
        EXPECT_EQ(folder.files(), 1u);
    }
    EXPECT_TRUE(LockFile::try_take(folder / "lock"));
    EXPECT_EQ(folder.files(), 0u);
}

TEST(LockFile, IsTakenOverFromAProcessThatIsGone) {
    const test::TemporaryFolder folder;
    folder.write("lock", "");
    EXPECT_TRUE(LockFile::try_take(folder / "lock"));
    EXPECT_EQ(folder.files(), 0u);
}

TEST(LockFile, MovesWithItsHolder) {
    const test::TemporaryFolder folder;
    auto first = LockFile::try_take(folder / "lock");
    const LockFile second = *std::move(first);
    first.reset();
    EXPECT_FALSE(LockFile::try_take(folder / "lock"));
}

TEST(LockFile, WithoutItsFolderIsADiskError) {
    const test::TemporaryFolder folder;
    test::expect_error(ErrorKind::disk, [&] { LockFile::try_take(folder / "absent/lock"); });
}

}  // namespace
}  // namespace erawise::util
