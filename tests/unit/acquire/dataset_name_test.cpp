#include "acquire/dataset_name.h"

#include <gmock/gmock.h>

#include "support/expect_error.h"

namespace erawise::acquire {
namespace {

TEST(DatasetName, KeepsItsVersionFolder) {
    EXPECT_EQ(dataset_path("/data", "v5.3/live.parquet"), "/data/v5.3/live.parquet");
    EXPECT_EQ(dataset_path("/data", "features.json"), "/data/features.json");
}

TEST(DatasetName, CannotLeaveTheDirectory) {
    for (const std::string name : {"", "/etc/passwd", "../x", "v5.3/../../x", "v5.3/..", "..", ".",
                                   "v5.3//live", "v5.3/", "./live", "v5.3/.hidden", "a\\b", "a b",
                                   "a\nb", "a:b", "~/x", "a%2fb", "x.part", "x.meta.json"}) {
        const auto message =
            test::expect_error(util::ErrorKind::usage, [&] { dataset_path("/data", name); });
        EXPECT_THAT(message, testing::Not(testing::HasSubstr("\n")));
    }
    test::expect_error(util::ErrorKind::usage,
                       [] { dataset_path("/data", std::string(300, 'a')); });
    test::expect_error(util::ErrorKind::usage,
                       [] { dataset_path("/data", std::string("a\0b", 3)); });
}

}  // namespace
}  // namespace erawise::acquire
