#include "decode/foreign_format.h"

#include <gmock/gmock.h>
#include <lzma.h>

#include <string>

namespace erawise::decode {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

std::string named(const std::string& begin) {
    return std::string(foreign_format(begin));
}

TEST(ForeignFormat, ArchivesAndCompressedFilesAreNamed) {
    EXPECT_THAT(named("PK\x03\x04 and more"), HasSubstr("zip"));
    EXPECT_THAT(named("\x1F\x8B\x08 and more"), HasSubstr("gzip"));
    EXPECT_THAT(named("(\xB5/\xFD and more"), HasSubstr("Zstandard"));
    EXPECT_THAT(named("BZh91AY&SY\x80\x01"), HasSubstr("bzip2"));
    EXPECT_THAT(named("LZIP\x01\x0C"), HasSubstr("lzip"));
    EXPECT_THAT(named("\x04\x22\x4D\x18 and more"), HasSubstr("LZ4"));
    EXPECT_THAT(named("7z\xBC\xAF\x27\x1C"), HasSubstr("7z"));
    EXPECT_THAT(named("\x1F\x9D\x90"), HasSubstr("compress"));
}

TEST(ForeignFormat, OtherTablesAreNamed) {
    EXPECT_THAT(named("\x89HDF\r\n\x1A\n"), HasSubstr("HDF5"));
    EXPECT_THAT(named("ARROW1\0\0"s), HasSubstr("Arrow"));
    EXPECT_THAT(named("\xD0\xCF\x11\xE0\xA1"), HasSubstr("Excel"));
    EXPECT_THAT(named("\xFF\xFEi\0d\0"s), HasSubstr("UTF-16"));
    EXPECT_THAT(named("\0\x01\x02"s), HasSubstr("binary"));
}

TEST(ForeignFormat, TheOldLzmaFormatIsNamedWhateverItsDictionary) {
    for (unsigned preset = 0; preset < 10; ++preset) {
        lzma_options_lzma options{};
        ASSERT_FALSE(lzma_lzma_preset(&options, preset));
        lzma_stream stream = LZMA_STREAM_INIT;
        ASSERT_EQ(lzma_alone_encoder(&stream, &options), LZMA_OK);
        std::string packed(200, '\0');
        const std::string text = "id,era,feature_a\nn1,era1,0.5\n";
        stream.next_in = reinterpret_cast<const std::uint8_t*>(text.data());
        stream.avail_in = text.size();
        stream.next_out = reinterpret_cast<std::uint8_t*>(packed.data());
        stream.avail_out = packed.size();
        ASSERT_EQ(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
        lzma_end(&stream);
        EXPECT_THAT(named(packed), HasSubstr("LZMA")) << preset;
    }
}

/// A header whose sum is right.
std::string tar_of(const std::string& name, const std::string& magic) {
    std::string header(512, '\0');
    header.replace(0, name.size(), name);
    header.replace(100, 7, "0000644");
    header.replace(124, 11, "00000000017");
    header.replace(148, 8, "        ");
    header.replace(257, magic.size(), magic);
    unsigned sum = 0;
    for (const char byte : header) {
        sum += static_cast<unsigned char>(byte);
    }
    std::string digits;
    for (; sum > 0; sum /= 8) {
        digits.insert(0, 1, static_cast<char>('0' + sum % 8));
    }
    header.replace(148, 8, std::string(6 - digits.size(), '0') + digits + "\0 "s);
    return header;
}

TEST(ForeignFormat, TarIsNamedWithAndWithoutItsMagic) {
    EXPECT_THAT(named(tar_of("live.csv", "ustar")), HasSubstr("tar archive"));
    EXPECT_THAT(named(tar_of("a_name_that_is_longer_than_eight.csv", "")),
                HasSubstr("tar archive"));
}

TEST(ForeignFormat, CsvIsNotForeignWhateverItsFirstName) {
    for (const char* const text : {"id,era\n", "\"id\",\"era\"\n", "\xEF\xBB\xBFid,era\n",
                                   "BZh9,id\n", "LZIP,id\n", ",era\n", "]x,id\n", "BZh", ""}) {
        EXPECT_EQ(named(text), "") << text;
    }
}

TEST(ForeignFormat, WithinATextParquetAndXzAreForeignToo) {
    EXPECT_THAT(std::string(foreign_text("PAR1")), HasSubstr("Parquet"));
    EXPECT_THAT(std::string(foreign_text("\xFD"
                                         "7zXZ\0"s)),
                HasSubstr("xz"));
    EXPECT_THAT(std::string(foreign_text(tar_of("live.csv", "ustar"))), HasSubstr("tar"));
}

}  // namespace
}  // namespace erawise::decode
