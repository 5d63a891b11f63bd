#include "decode/csv/dictionary.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>
#include <string>

namespace erawise::decode {
namespace {

FieldKey key_of(std::string_view field) {
    std::array<char, 8> padded{};
    field.copy(padded.data(), field.size());
    return field_key(padded.data(), field.size());
}

TEST(CsvDictionary, RemembersStrings) {
    CsvDictionary dictionary;
    EXPECT_EQ(dictionary.find(key_of("0.5")), CsvDictionary::kUnknown);
    EXPECT_EQ(dictionary.encode("0.5").code, 0);
    EXPECT_EQ(dictionary.encode("0.25").code, 1);
    EXPECT_EQ(dictionary.find(key_of("0.5")), 0);
    EXPECT_EQ(dictionary.find(key_of("0.25")), 1);
    EXPECT_EQ(dictionary.find(key_of("0.75")), CsvDictionary::kUnknown);
}

TEST(CsvDictionary, DifferentSpellingsOfAValueAreOneLevel) {
    CsvDictionary dictionary;
    const auto code = dictionary.encode("1").code;
    for (const char* text : {"1.0", "1.00", "1e0", "+1", "1.000000000000"}) {
        EXPECT_EQ(dictionary.encode(text).code, code) << text;
    }
    EXPECT_EQ(dictionary.levels().count, 1);
}

TEST(CsvDictionary, MissingIsALevelOfItsOwn) {
    CsvDictionary dictionary;
    dictionary.encode("0");
    EXPECT_EQ(dictionary.encode("").code, 1);
    EXPECT_EQ(dictionary.encode("NaN").code, 1);
    EXPECT_EQ(dictionary.find(key_of("")), 1);
    EXPECT_EQ(dictionary.levels().count, 2);
}

TEST(CsvDictionary, TakesSixteenValuesAndNotOneMore) {
    CsvDictionary dictionary;
    for (int i = 0; i < 16; ++i) {
        const auto result = dictionary.encode(std::to_string(i));
        EXPECT_EQ(result.outcome, CsvDictionary::Outcome::coded);
        EXPECT_EQ(result.code, i);
    }
    EXPECT_EQ(dictionary.encode("16").outcome, CsvDictionary::Outcome::too_many_levels);
    for (int i = 0; i < 16; ++i) {  // what collides in the table is still found by its value
        EXPECT_EQ(dictionary.encode(std::to_string(i)).code, i);
    }
    EXPECT_EQ(dictionary.encode("x").outcome, CsvDictionary::Outcome::not_a_number);
}

TEST(CsvDictionary, LongFieldsAreEncodedByValue) {
    CsvDictionary dictionary;
    EXPECT_EQ(dictionary.encode("0.12345678").code, 0);
    EXPECT_EQ(dictionary.encode("0.12345679").code, 1);
    EXPECT_EQ(dictionary.encode("0.12345678").code, 0);
}

TEST(CsvDictionary, WhatIsRefusedIsNotRemembered) {
    CsvDictionary dictionary;
    EXPECT_EQ(dictionary.encode("True").outcome, CsvDictionary::Outcome::coded);
    EXPECT_EQ(dictionary.encode("1").outcome, CsvDictionary::Outcome::not_a_number);
    EXPECT_EQ(dictionary.find(key_of("1")), CsvDictionary::kUnknown);
    EXPECT_EQ(dictionary.encode("False").code, 1);
}

TEST(CsvDictionary, LevelsKeepTheirBits) {
    CsvDictionary dictionary;
    EXPECT_EQ(dictionary.encode("0.0").code, 0);
    EXPECT_EQ(dictionary.encode("-0.0").code, 1);
    EXPECT_TRUE(std::signbit(dictionary.levels().values[1]));
}

/// The strings of Numerai's files must not collide: a collision sends each of their fields through
/// the float parser.
TEST(CsvDictionary, NumeraisStringsAreAllFoundAtOnce) {
    const std::array<std::array<const char*, 6>, 6> spellings = {{
        {"0.0", "0.25", "0.5", "0.75", "1.0", ""},
        {"0", "0.25", "0.5", "0.75", "1", ""},
        {"0.00000", "0.25000", "0.50000", "0.75000", "1.00000", ""},
        {"0.00", "0.25", "0.50", "0.75", "1.00", ""},
        {"0", "1", "2", "3", "4", ""},
        {"0.0", "1.0", "2.0", "3.0", "4.0", ""},
    }};
    for (const auto& fields : spellings) {
        CsvDictionary dictionary;
        for (const char* field : fields) {
            dictionary.encode(field);
        }
        for (const char* field : fields) {
            EXPECT_NE(dictionary.find(key_of(field)), CsvDictionary::kUnknown) << field;
        }
    }
}

}  // namespace
}  // namespace erawise::decode
