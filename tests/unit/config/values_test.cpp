#include "config/values.h"

#include <gmock/gmock.h>

namespace erawise {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Eq;
using testing::Optional;

TEST(Wait, IsADurationOfAWeekAtMost) {
    EXPECT_THAT(parse_wait("1h30m"), Optional(seconds(5400)));
    EXPECT_THAT(parse_wait("7d"), Optional(seconds(604800)));
    for (const auto* const text : {"", "90", "7d1s", "8d", "99999999999h", "4294967295d"}) {
        EXPECT_FALSE(parse_wait(text)) << text;
    }
}

TEST(Seconds, TakeFractionsWithinTheirRange) {
    EXPECT_THAT(parse_seconds("0.1"), Optional(milliseconds(100)));
    EXPECT_THAT(parse_seconds("1.5"), Optional(milliseconds(1500)));
    EXPECT_THAT(parse_seconds("86400"), Optional(milliseconds(86400000)));
    for (const auto* const text : {"", "0", "0.09", "86400.1", "nan", "inf", "1s", "-1"}) {
        EXPECT_FALSE(parse_seconds(text)) << text;
    }
    EXPECT_EQ(format_seconds(milliseconds(1500)), "1.5");
}

TEST(Threads, AreAWholeNumberInRange) {
    EXPECT_THAT(parse_threads("0"), Optional(0U));
    EXPECT_THAT(parse_threads("1024"), Optional(1024U));
    for (const auto* const text : {"", "1025", "-1", "1.0", "two", "99999999999", "+1", "1 "}) {
        EXPECT_FALSE(parse_threads(text)) << text;
    }
}

TEST(MemoryLimit, IsASizeOrAuto) {
    EXPECT_THAT(parse_memory_limit("64MiB"), Optional(Optional(Eq(67108864U))));
    EXPECT_THAT(parse_memory_limit("auto"), Optional(Eq(std::optional<std::uint64_t>())));
    EXPECT_FALSE(parse_memory_limit("64"));
    EXPECT_FALSE(parse_memory_limit("-64MiB"));
    EXPECT_FALSE(parse_memory_limit(""));
    EXPECT_EQ(format_memory_limit(67108864U), "64MiB");
    EXPECT_EQ(format_memory_limit(67108865U), "67108865");
    EXPECT_EQ(format_memory_limit({}), "auto");
}

TEST(ApiUrl, IsHttpsOrLoopback) {
    for (const auto* const text :
         {"https://api-tournament.numer.ai", "https://example.org:8443/graphql",
          "http://127.0.0.1:8080", "http://127.1.2.3/graphql", "http://localhost:1",
          "http://[::1]:8080/x", "HTTP://localhost"}) {
        EXPECT_TRUE(parse_api_url(text)) << text;
    }
}

TEST(ApiUrl, RefusesPlainHttpHoweverItIsDressed) {
    for (const auto* const text :
         {"", "api-tournament.numer.ai", "ftp://localhost", "https://", "http://example.org",
          "http://127.0.0.1.example.org", "http://127.0.0.1@example.org", "http://localhost.org",
          "http://localhost@example.org/", "http://localhost\\@example.org", "http://[::2]",
          "http://127.0.0.1 .org", "https://user:password@example.org", "HTTP://example.org",
          "http://example.org#http://localhost", "https://exa mple.org", "https://e\n.org"}) {
        EXPECT_FALSE(parse_api_url(text)) << text;
    }
}

/// What the transfer would refuse only after the round has been waited for.
TEST(ApiUrl, RefusesWhatNothingCanBeSentTo) {
    for (const auto* const text : {"https://a:0/", "https://a:65536", "https://a%2fb/",
                                   "https://[::1", "http://127.0.0.256", "http://127.1.1.1.1"}) {
        EXPECT_FALSE(parse_api_url(text)) << text;
    }
}

TEST(DataFile, CannotLeaveItsFolder) {
    EXPECT_TRUE(parse_data_file("live.parquet"));
    EXPECT_TRUE(parse_data_file("v5.3/live.parquet"));
    for (const auto* const text : {"", "/live", "..", "../live", "v5.3/../../x", "v5.3//live",
                                   "v5.3/", ".hidden", "a\\b", "a b", "-rf", "./live"}) {
        EXPECT_FALSE(parse_data_file(text)) << text;
    }
    EXPECT_FALSE(parse_data_version("v5.3/live"));
}

TEST(Token, IsFitForAHeader) {
    EXPECT_TRUE(parse_token("adfeb1-42_x=="));
    for (const auto* const text : {"", "a b", "a\r\nb", "a\n", "\xc3\xa9"}) {
        EXPECT_FALSE(parse_token(text)) << text;
    }
}

TEST(ColumnName, NeedsNoQuotes) {
    EXPECT_TRUE(parse_column_name("prediction_kazutsugi"));
    for (const auto* const text : {"", "a,b", "\"a\"", "a\nb"}) {
        EXPECT_FALSE(parse_column_name(text)) << text;
    }
}

TEST(Transform, IsASequenceOfSteps) {
    using Kind = output::TransformStep::Kind;
    const output::Transforms steps = {
        {.kind = Kind::gauss},
        {.kind = Kind::neutralize, .feature_set = "fncv3_features", .proportion = 0.5},
        {.kind = Kind::rank}};
    constexpr std::string_view kText = "gauss,neutralize:fncv3_features:0.5,rank";
    EXPECT_THAT(parse_transform(kText), Optional(Optional(steps)));
    EXPECT_EQ(format_transform(steps), kText);
    EXPECT_EQ(format_transform(output::Transforms()), "none");
    EXPECT_EQ(format_transform(*parse_transform("neutralize:small")), "neutralize:small");
    for (const char* const bad :
         {"", "rank,", ",rank", "ranks", "rank,none", "neutralize",
          "neutralize:", "neutralize:small:", "neutralize:small:0", "neutralize:small:1.5",
          "neutralize:a b", "neutralize:small:0.5:1", "rank rank"}) {
        EXPECT_FALSE(parse_transform(bad)) << bad;
    }
}

TEST(Transform, IsEmptyForAuto) {
    EXPECT_THAT(parse_transform("auto"), Optional(Eq(std::optional<output::Transforms>())));
    EXPECT_THAT(parse_transform("none"), Optional(Optional(output::Transforms())));
    EXPECT_FALSE(parse_transform("Rank"));
}

TEST(Paths, AreNotEmptyUnlessTheyMayBe) {
    EXPECT_FALSE(parse_path(""));
    EXPECT_TRUE(parse_path_or_empty(""));
    EXPECT_FALSE(parse_path_or_empty(std::string_view("a\0b", 3)));
}

TEST(ConfigValues, ShardsAreAnIndexBelowACount) {
    EXPECT_EQ(format_shard(parse_shard("2/4").value()), "2/4");
    EXPECT_EQ(format_shard(parse_shard("/8").value()), "/8");
    EXPECT_EQ(format_shard(Shard()), "0/1");
    EXPECT_EQ(parse_shard("0/1").value().count, 1U);
    for (const auto* const text :
         {"", "/", "1", "4/4", "-1/4", "1/0", "/0", "1/4/", "1/4 ", "a/4", "1/1001", "1//4"}) {
        EXPECT_FALSE(parse_shard(text)) << text;
    }
    EXPECT_EQ(parse_index("7").value(), 7U);
    EXPECT_FALSE(parse_index("").value().has_value());
    EXPECT_FALSE(parse_index("-1"));
    EXPECT_FALSE(parse_index("x"));
}

}  // namespace
}  // namespace erawise
