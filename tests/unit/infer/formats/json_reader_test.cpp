#include "infer/formats/json_reader.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "infer/formats/model_events.h"
#include "support/expect_error.h"

namespace erawise::infer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Read {
    ModelDescription model;
    Forest forest;
    std::string error;
};

Read read(const std::string& text) {
    Read result;
    std::istringstream stream(text);
    ForestBuilder builder(result.forest);
    ModelEvents events(result.model, &builder, text.size());
    read_json(stream, events);
    result.error = events.error();
    return result;
}

/// A stump with this text as its threshold.
std::string model_with_threshold(std::string_view threshold) {
    return fmt::format(
        R"({{"trees":[{{"left_children":[1,-1,-1],"right_children":[2,-1,-1],)"
        R"("split_indices":[0,0,0],"split_conditions":[{},0.5,0.25],"default_left":[0,0,0]}}]}})",
        threshold);
}

std::string names(std::string_view list) {
    return fmt::format(R"({{"learner":{{"feature_names":[{}]}}}})", list);
}

TEST(JsonReader, NumbersAreTheNearestFloats) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const std::pair<const char*, float> cases[] = {
        {"0", 0},
        {"-0.0", -0.0F},
        {"1E-1", 0.1F},
        {"5e-1", 0.5F},
        {"1.000000059604644775390625", 1.0F},          // half way
        {"1.0000000596046447753906251", 1.00000012F},  // a little more: rounded once
        {"16777217", 16777216.0F},
        {"3.4028234663852886E38", std::numeric_limits<float>::max()},
        {"1e39", kInfinity},
        {"1e400", kInfinity},
        {"-1e400", -kInfinity},
        {"1e-400", 0},
        {"Infinity", kInfinity},
        {"-Infinity", -kInfinity},
    };
    for (const auto& [text, value] : cases) {
        const Read found = read(model_with_threshold(text));
        EXPECT_EQ(found.error, "") << text;
        ASSERT_EQ(found.forest.nodes.size(), 3u) << text;
        EXPECT_EQ(found.forest.nodes[0].value, value) << text;
        EXPECT_EQ(std::signbit(found.forest.nodes[0].value), std::signbit(value)) << text;
    }
    EXPECT_TRUE(std::isnan(read(model_with_threshold("NaN")).forest.nodes.at(0).value));
}

TEST(JsonReader, TextsAreReadWithAllTheirEscapes) {
    EXPECT_THAT(read(names(R"("a\"b", "\u00e9\u20AC", "\ud83d\ude00", "\/\\\b\f\n\r\t", "é")"))
                    .model.feature_names,
                ElementsAre("a\"b", "\xC3\xA9\xE2\x82\xAC", "\xF0\x9F\x98\x80", "/\\\b\f\n\r\t",
                            "\xC3\xA9"));
}

TEST(JsonReader, WhiteSpaceMayStandAnywhere) {
    EXPECT_THAT(read(" \r\n{ \"learner\"\t:\n{ \"feature_names\" : [ \"a\" , \"b\" ] } } \n")
                    .model.feature_names,
                ElementsAre("a", "b"));
}

TEST(JsonReader, WhatIsNoJsonIsRefused) {
    for (const char* const value : {"01",
                                    "-",
                                    "+1",
                                    ".5",
                                    "1.",
                                    "1.e1",
                                    "1e",
                                    "1e+",
                                    "0x1",
                                    "nan",
                                    "inf",
                                    "-NaN",
                                    "+Infinity",
                                    "Infinit",
                                    "Infinity1",
                                    "tru",
                                    "True",
                                    "nul",
                                    "nulll",
                                    "'a'",
                                    "\"a",
                                    "\"\\x\"",
                                    "\"\\u12g4\"",
                                    "\"\\ud800\"",
                                    "\"\\ud800\\u0041\"",
                                    "\"\\udc00\"",
                                    "\"a\nb\"",
                                    "[1,]",
                                    "[,1]",
                                    "[1 2]",
                                    "[1",
                                    "{\"a\"}",
                                    "{\"a\":}",
                                    "{\"a\":1,}",
                                    "{a:1}",
                                    "{1:1}",
                                    "{\"a\" 1}",
                                    "{]",
                                    "[}",
                                    "1 2",
                                    "",
                                    ",",
                                    ":",
                                    "\x01",
                                    "1}",
                                    "//",
                                    "{\"a\":1} x"}) {
        SCOPED_TRACE(value);
        EXPECT_NE(read(fmt::format("{{\"k\":{}}}", value)).error, "");
    }
    for (const char* const text : {"", " ", "{", "{}}", "{} {}", "{}x", "[", "[]]"}) {
        SCOPED_TRACE(text);
        EXPECT_NE(read(text).error, "");
    }
}

TEST(JsonReader, WhatNlohmannTakesIsTaken) {
    for (const char* const value :
         {"0", "-0", "10", "1.5E+3", "1e-2", "true", "false", "null", "[null]", "\"\"", "[]", "{}",
          "[[],[{}]]", "{\"a\":[1,2,{\"b\":\"c\"}]}", "\"\\u0000\"",
          "123456789012345678901234567890"}) {
        SCOPED_TRACE(value);
        const std::string text = fmt::format("{{\"k\":{}}}", value);
        ASSERT_TRUE(nlohmann::json::accept(text));
        EXPECT_EQ(read(text).error, "");
    }
}

TEST(JsonReader, SaysWhereItIsBroken) {
    EXPECT_THAT(read(R"({"a":1,"b":x})").error, HasSubstr("broken at byte 12"));
    EXPECT_THAT(read(R"({"iteration_indptr":[null]})").error,
                HasSubstr("a null where a number is expected"));
    EXPECT_THAT(read(R"({"a":1)").error, HasSubstr("the document ends early"));
    EXPECT_THAT(read(R"({"a" 1})").error, HasSubstr("':' should stand here"));
}

TEST(JsonReader, TextsLongerThanTheBufferAreRead) {
    const std::string name(200'000, 'x');
    EXPECT_THAT(read(names('"' + name + '"')).model.feature_names, ElementsAre(name));
}

TEST(JsonReader, DeepNestingEnds) {
    EXPECT_THAT(read(std::string(100'000, '[')).error, HasSubstr("levels deep"));
}

}  // namespace
}  // namespace erawise::infer
