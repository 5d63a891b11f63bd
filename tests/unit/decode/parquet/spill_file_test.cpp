#include "decode/parquet/spill_file.h"

#include <numeric>
#include <string>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::decode {
namespace {

using test::expect_error;
using testing::HasSubstr;

/// In the build folder, which is on a disk; the system's folder for temporary files may not be.
class SpillFileTest : public testing::Test {
  protected:
    test::TemporaryFolder folder_{std::filesystem::current_path()};
};

TEST_F(SpillFileTest, GivesBackWhatWasWritten) {
    SpillFile file(folder_.path());
    std::vector<char> bytes(3'000'000);
    std::iota(bytes.begin(), bytes.end(), char{0});
    // More parts than one call takes.
    std::vector<iovec> parts;
    for (std::size_t at = 0; at < bytes.size(); at += 1000) {
        parts.push_back({bytes.data() + at, 1000});
    }
    file.write(5000, parts);
    file.start_writing();
    std::vector<char> found(bytes.size());
    parts = {{found.data(), 1'234'567}, {found.data() + 1'234'567, found.size() - 1'234'567}};
    file.read(5000, parts);
    EXPECT_EQ(found, bytes);
    file.discard(0, 1'000'000);
    EXPECT_EQ(file.read(2'999'000 + 5000, std::span(found)), 1000u);
    EXPECT_EQ(found[0], bytes[2'999'000]);
}

TEST_F(SpillFileTest, HasNoNameAndLeavesNothing) {
    const SpillFile file(folder_.path());
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(SpillFileTest, ReadingBehindTheEndIsADiskError) {
    const SpillFile file(folder_.path());
    char byte = 0;
    std::vector<iovec> parts = {{&byte, 1}};
    expect_error(util::ErrorKind::disk, [&] { file.read(0, parts); });
}

TEST(SpillFile, FoldersThatCannotHoldItAreRefused) {
    EXPECT_THAT(expect_error(util::ErrorKind::disk, [] { SpillFile("/no/such/folder"); }),
                HasSubstr("--work-directory"));
    EXPECT_THAT(expect_error(util::ErrorKind::disk, [] { SpillFile("/dev/shm"); }),
                HasSubstr("in memory"));
}

}  // namespace
}  // namespace erawise::decode
