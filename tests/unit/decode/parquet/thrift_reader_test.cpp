#include "decode/parquet/thrift_reader.h"

#include <map>

#include "support/expect_error.h"

namespace erawise::decode {
namespace {

using test::expect_error;
using testing::HasSubstr;
using Type = ThriftReader::Type;

ThriftReader reader_of(std::string_view bytes) {
    return {bytes, {}, "data.parquet", 1000};
}

/// Field 1: -3 (int32); 2: "abc"; 3: true; 5: the list {7, 8}; 20: a struct with field 1: 9.
constexpr std::string_view kStruct(
    "\x15\x05\x18\x03"
    "abc"
    "\x11\x29\x25\x0e\x10\x0c\x28\x15\x12"
    "\x00\x00",
    18);

TEST(ThriftReader, ReadsFieldsOfEveryKind) {
    ThriftReader reader = reader_of(kStruct);
    std::map<int, std::string> found;
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case 1:
                found[id] = std::to_string(reader.int32(type));
                return;
            case 2:
                found[id] = reader.text(type, 10);
                return;
            case 3:
                found[id] = ThriftReader::boolean(type) ? "true" : "false";
                return;
            case 5:
                reader.read_list(type, [&](Type element) {
                    found[id] += std::to_string(reader.integer(element)) + " ";
                });
                return;
            default:
                reader.read_struct([&](std::int16_t inner, Type inner_type) {
                    found[id] =
                        std::to_string(inner) + ": " + std::to_string(reader.integer(inner_type));
                });
        }
    });
    EXPECT_EQ(found, (std::map<int, std::string>{
                         {1, "-3"}, {2, "abc"}, {3, "true"}, {5, "7 8 "}, {20, "1: 9"}}));
    EXPECT_EQ(reader.position(), 1000 + kStruct.size());
}

TEST(ThriftReader, SkippingEverythingEndsAtTheSamePlace) {
    ThriftReader reader = reader_of(kStruct);
    reader.read_struct([&](std::int16_t, Type type) { reader.skip(type); });
    EXPECT_EQ(reader.position(), 1000 + kStruct.size());
}

TEST(ThriftReader, InputMayComeByteByByte) {
    std::size_t given = 0;
    ThriftReader reader(
        {},
        [&]() -> std::span<const char> {
            return given == kStruct.size() ? std::span<const char>()
                                           : std::span(kStruct).subspan(given++, 1);
        },
        "data.parquet", 0);
    std::string text;
    reader.read_struct([&](std::int16_t id, Type type) {
        if (id == 2) {
            text = reader.text(type, 3);
        } else {
            reader.skip(type);
        }
    });
    EXPECT_EQ(text, "abc");
    EXPECT_EQ(reader.position(), kStruct.size());
}

std::string error_of(std::string_view bytes) {
    return expect_error(util::ErrorKind::data, [&] {
        ThriftReader reader = reader_of(bytes);
        reader.read_struct([&](std::int16_t, Type type) { reader.skip(type); });
    });
}

TEST(ThriftReader, DamageIsADataErrorWithThePlace) {
    for (std::size_t size = 0; size < kStruct.size(); ++size) {
        EXPECT_THAT(error_of(kStruct.substr(0, size)), HasSubstr("data.parquet")) << size;
    }
    EXPECT_THAT(error_of("\x1f"), HasSubstr("data.parquet"));                  // no such type
    EXPECT_THAT(error_of(std::string(100, '\x1c')), HasSubstr("too deeply"));  // structs in structs
    EXPECT_THAT(error_of("\x18\xff\xff\xff\xff\x0f"), HasSubstr("data.parquet"));
    EXPECT_THAT(error_of("\x19\xfc\xff\xff\xff\xff\x0f"), HasSubstr("data.parquet"));
}

TEST(ThriftReader, OfALongTextTheBeginningIsKept) {
    constexpr std::string_view kBytes(
        "\x18\x03"
        "abc"
        "\x15\x02\x00",
        8);
    ThriftReader reader = reader_of(kBytes);
    reader.read_struct([&](std::int16_t id, Type type) {
        if (id == 1) {
            EXPECT_EQ(reader.text(type, 2), "ab");
        } else {
            EXPECT_EQ(reader.integer(type), 1);
        }
    });
    EXPECT_EQ(reader.position(), 1000 + kBytes.size());
}

TEST(ThriftReader, ABooleanMayStandForANumber) {
    ThriftReader reader = reader_of(std::string_view("\x11\x12\x00", 3));
    std::vector<std::int32_t> found;
    reader.read_struct([&](std::int16_t, Type type) { found.push_back(reader.int32(type)); });
    EXPECT_EQ(found, (std::vector<std::int32_t>{1, 0}));
}

TEST(ThriftReader, WhatIsNotReadIsNoDamage) {
    const std::string message = expect_error(
        util::ErrorKind::data, [] { reader_of("").refuse("column 'a' is encrypted"); });
    EXPECT_THAT(message, HasSubstr("data.parquet"));
    EXPECT_THAT(message, HasSubstr("byte 1000: column 'a' is encrypted"));
    EXPECT_THAT(message, testing::Not(HasSubstr("download")));
}

}  // namespace
}  // namespace erawise::decode
