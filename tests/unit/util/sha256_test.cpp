#include "util/sha256.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::util {
namespace {

TEST(Sha256, AgreesWithTheStandardsExamples) {  // FIPS 180-4, examples
    const test::TemporaryFolder folder;
    EXPECT_EQ(sha256_of_file(folder.write("abc", "abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_of_file(folder.write("empty", "")),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_of_file(folder.write("million", std::string(1'000'000, 'a'))),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, MissingFileIsADiskError) {
    const test::TemporaryFolder folder;
    test::expect_error(ErrorKind::disk, [&] { sha256_of_file(folder / "absent"); });
}

}  // namespace
}  // namespace erawise::util
