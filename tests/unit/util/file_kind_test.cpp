#include "util/file_kind.h"

#include <gtest/gtest.h>

#include <string>

namespace erawise::util {
namespace {

using namespace std::string_literals;

TEST(FileKind, IsKnownByTheFirstBytes) {
    EXPECT_EQ(file_kind("PK\x03\x04 and more"), FileKind::zip);
    EXPECT_EQ(file_kind("\xFD\x37zXZ\0"s), FileKind::xz);
    EXPECT_EQ(file_kind("BZh91AY&SY\x80\x01"), FileKind::bzip2);
    EXPECT_EQ(file_kind("PAR1"), FileKind::parquet);
    EXPECT_EQ(file_kind("\x93NUMPY\x01"), FileKind::numpy);
}

TEST(FileKind, TextAndWhatIsCutOffAreUnknown) {
    for (const char* const text :
         {"", "P", "BZh", "BZh9,id\n", "LZIP,id\n", "id,era\n", "{", "<"}) {
        EXPECT_EQ(file_kind(text), FileKind::unknown) << text;
    }
}

}  // namespace
}  // namespace erawise::util
