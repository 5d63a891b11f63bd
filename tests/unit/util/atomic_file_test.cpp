#include "util/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "util/scripted_flock.h"

namespace erawise::util {
namespace {

using test::expect_error;
using test::read_file;
using test::TemporaryFolder;
using testing::HasSubstr;

TEST(AtomicFile, AppearsWholeAtCommit) {
    const TemporaryFolder folder;
    AtomicFile file(folder / "out.csv");
    file.write("id,");
    file.write("prediction\n");
    EXPECT_FALSE(std::filesystem::exists(folder / "out.csv"));
    file.commit();
    EXPECT_EQ(read_file(folder / "out.csv"), "id,prediction\n");
    EXPECT_EQ(folder.files(), 1u);
    EXPECT_EQ(file.bytes_written(), 14u);
}

TEST(AtomicFile, WithoutCommitLeavesTheOldFileAndNoOther) {
    const TemporaryFolder folder;
    folder.write("out.csv", "old");
    {
        AtomicFile file(folder / "out.csv");
        file.write("new");
    }
    EXPECT_EQ(read_file(folder / "out.csv"), "old");
    EXPECT_EQ(folder.files(), 1u);
}

TEST(AtomicFile, RemovesWhatAKilledProcessLeftAndNothingElse) {
    const TemporaryFolder folder;
    folder.write("out.csv.tmp.4711", "half");
    folder.write("out.csv.gz", "another file");
    const AtomicFile other(folder / "out.csv");  // still at work
    AtomicFile file(folder / "out.csv");
    file.commit();
    EXPECT_FALSE(std::filesystem::exists(folder / "out.csv.tmp.4711"));
    EXPECT_EQ(folder.files(), 3u);
}

TEST(AtomicFile, OnNfsToo) {
    const test::ScriptedFlock nfs(test::ScriptedFlock::Server::nfs);
    const TemporaryFolder folder;
    folder.write("out.csv.tmp.4711", "half");
    AtomicFile other(folder / "out.csv");  // still at work
    AtomicFile file(folder / "out.csv");
    file.write("mine");
    file.commit();
    EXPECT_FALSE(std::filesystem::exists(folder / "out.csv.tmp.4711"));
    other.write("others");
    other.commit();
    EXPECT_EQ(read_file(folder / "out.csv"), "others");
    EXPECT_EQ(folder.files(), 1u);
}

TEST(AtomicFile, RemovesNothingWhereLocksProveNothing) {
    const test::ScriptedFlock no_locks(test::ScriptedFlock::Server::without_locks);
    const TemporaryFolder folder;
    folder.write("out.csv.tmp.4711", "half");
    AtomicFile other(folder / "out.csv");  // still at work
    AtomicFile file(folder / "out.csv");
    file.commit();
    other.commit();
    EXPECT_EQ(read_file(folder / "out.csv.tmp.4711"), "half");
    EXPECT_EQ(folder.files(), 2u);
}

TEST(AtomicFile, MissingFolderIsADiskErrorWithTheRemedy) {
    const TemporaryFolder folder;
    const std::string message =
        expect_error(ErrorKind::disk, [&] { AtomicFile file(folder / "absent/out.csv"); });
    EXPECT_THAT(message, HasSubstr("absent/out.csv"));
    EXPECT_THAT(message, HasSubstr("create the folder first"));
}

TEST(AtomicFile, FullDiskIsADiskErrorWithTheRemedy) {
    // A limit on the size of files stands in for a disk without room.
    const TemporaryFolder folder;
    AtomicFile file(folder / "out.csv");
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
    const std::string message = expect_error(ErrorKind::disk, [&] { file.write("data"); });
    setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_THAT(message, HasSubstr("free some space"));
}

TEST(ReadSmallFile, RefusesWhatIsTooLarge) {
    const TemporaryFolder folder;
    const auto path = folder.write("key", "12345");
    EXPECT_EQ(read_small_file(path, 5), "12345");
    EXPECT_THAT(expect_error(ErrorKind::disk, [&] { read_small_file(path, 4); }),
                HasSubstr("larger than 4 B"));
}

TEST(ReadSmallFile, MissingFileAndFolderAreDiskErrors) {
    const TemporaryFolder folder;
    expect_error(ErrorKind::disk, [&] { read_small_file(folder / "absent", 5); });
    expect_error(ErrorKind::disk, [&] { read_small_file(folder.path(), 5); });
}

}  // namespace
}  // namespace erawise::util
