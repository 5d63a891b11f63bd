#include "decode/parquet/text_values.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace erawise::decode {
namespace {

std::string padded(std::string bytes) {
    bytes.append(kPagePadding, '\x55');
    return bytes;
}

/// A page over bytes with padding behind.
Page page_of(const std::string& bytes, Encoding encoding, std::uint32_t rows) {
    return {.kind = PageKind::data,
            .encoding = encoding,
            .rows = rows,
            .levels = {},
            .values = std::span(bytes).first(bytes.size() - kPagePadding)};
}

std::vector<std::string> texts_of(TextValues& values) {
    std::vector<std::string> texts;
    while (const auto text = values.next()) {
        texts.emplace_back(*text);
    }
    return texts;
}

TEST(TextValues, SplitBytesAreWholeNumbersAgain) {
    const std::string bytes = padded(std::string("\x01\xFF\x00\xFF\x00\xFF\x00\xFF", 8));
    TextValues values({.type = PhysicalType::int32}, page_of(bytes, Encoding::byte_stream_split, 2),
                      {});
    EXPECT_EQ(texts_of(values), (std::vector<std::string>{"1", "-1"}));
}

TEST(TextValues, SplitBytesAreFixedTextsAgain) {
    const std::string bytes = padded("adbecf");
    TextValues values(
        {.type = PhysicalType::fixed_byte_array, .meaning = Meaning::text, .byte_width = 3},
        page_of(bytes, Encoding::byte_stream_split, 2), {});
    EXPECT_EQ(texts_of(values), (std::vector<std::string>{"abc", "def"}));
}

TEST(TextValues, LengthsThatAreMoreThanThePageHasRowsAreDamage) {
    // Blocks of 128 values in 4 miniblocks, 1000 values of 1: no byte more than their header.
    const std::string bytes = padded("\x80\x01\x04\xE8\x07\x02");
    TextValues values({.type = PhysicalType::byte_array, .meaning = Meaning::text},
                      page_of(bytes, Encoding::delta_length_byte_array, 999), {});
    EXPECT_EQ(values.next(), std::nullopt);
}

TEST(TextDictionary, HasNoMoreEntriesThanItsBytesCanHold) {
    const std::string bytes = padded("abcdef");
    Page page = page_of(bytes, Encoding::plain, 2);
    const ParquetColumn column{
        .type = PhysicalType::fixed_byte_array, .meaning = Meaning::text, .byte_width = 3};
    TextDictionary dictionary;
    ASSERT_TRUE(dictionary.assign(column, page));
    EXPECT_EQ(dictionary[1], "def");
    page.rows = 150'000'000;
    EXPECT_FALSE(dictionary.assign(column, page));
    EXPECT_LT(dictionary.memory_bytes(), 1000u) << "nothing was set aside";
    ParquetColumn without_width = column;
    without_width.byte_width = 0;
    EXPECT_FALSE(dictionary.assign(without_width, page));
    EXPECT_LT(dictionary.memory_bytes(), 1000u);
}

}  // namespace
}  // namespace erawise::decode
