#include "util/lock_file.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <string>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "util/scripted_flock.h"

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

TEST(LockFile, SaysWhoHoldsIt) {
    const test::TemporaryFolder folder;
    EXPECT_EQ(LockFile::holder_of(folder / "lock"), "which one is not known");
    const auto lock = LockFile::try_take(folder / "lock");
    EXPECT_THAT(LockFile::holder_of(folder / "lock"),
                testing::StartsWith("process " + std::to_string(getpid()) + " of "));
    const auto odd = folder.write("odd", "process 7 of \x1b[31mhost\nmore");
    EXPECT_EQ(LockFile::holder_of(odd).find('\x1b'), std::string::npos);
}

TEST(LockFile, WorksOnNfs) {
    const test::ScriptedFlock nfs(test::ScriptedFlock::Server::nfs);
    const test::TemporaryFolder folder;
    const auto lock = LockFile::try_take(folder / "lock");
    EXPECT_TRUE(lock);
    EXPECT_FALSE(LockFile::try_take(folder / "lock"));
}

TEST(LockFile, IsGrantedWhereThereIsNoneAndLeavesTheFile) {
    const test::ScriptedFlock no_locks(test::ScriptedFlock::Server::without_locks);
    const test::TemporaryFolder folder;
    EXPECT_TRUE(LockFile::try_take(folder / "lock"));
    EXPECT_EQ(folder.files(), 1u);  // another process may work under its name
}

TEST(LockFile, OfAFolderThatNobodyMayWriteToIsGranted) {
    EXPECT_TRUE(LockFile::try_take("/sys/erawise.lock"));
}

TEST(LockFile, OfAClosedFileIsNotKnown) {
    EXPECT_EQ(lock_descriptor(-1), FileLock::unknown);
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
