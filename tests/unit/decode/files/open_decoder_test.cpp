#include <vector>

#include "decode/decoder.h"
#include "decode/xz_samples.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::decode {
namespace {

using test::expect_error;
using testing::HasSubstr;

constexpr const char* kText = "id,era,feature_a\na,1,0.5\nb,2,0.25\n";

/// One suite for every way into a file: the same text gives the same batches.
struct Way {
    const char* name;
    bool compressed;
    Threading threading;
};

class EveryWayIn : public testing::TestWithParam<Way> {
  protected:
    [[nodiscard]] std::unique_ptr<Decoder> open(const std::string& text) const {
        const auto path =
            folder_.write("data", GetParam().compressed ? test::compress_xz(text) : text);
        return open_decoder(path, {.threading = GetParam().threading});
    }
    test::TemporaryFolder folder_;
};

TEST_P(EveryWayIn, GivesTheSameRows) {
    const auto decoder = open(kText);
    EXPECT_THAT(decoder->column_names(), testing::ElementsAre("id", "era", "feature_a"));
    decoder->select(std::vector<std::string>{"feature_a"});
    era::EraBatch batch(1 << 16);
    ASSERT_TRUE(decoder->next(batch));
    EXPECT_EQ(batch.era, "1");
    EXPECT_EQ(batch.ids[0], "a");
    EXPECT_EQ(batch.value(0, 0), 0.5F);
    ASSERT_TRUE(decoder->next(batch));
    EXPECT_EQ(batch.value(0, 0), 0.25F);
    EXPECT_FALSE(decoder->next(batch));
    EXPECT_EQ(decoder->consumed_bytes(), std::filesystem::file_size(folder_ / "data"));
}

TEST_P(EveryWayIn, NumbersStandBehindFeaturesWithAllTheirDigits) {
    const auto decoder =
        open("id,era,feature_a,target\na,1,0.1,0.1\nb,1,0.1,0.10000000000000002\n");
    decoder->select(std::vector<std::string>{"feature_a"}, std::vector<std::string>{"target"});
    era::EraBatch batch(1 << 16);
    ASSERT_TRUE(decoder->next(batch));
    ASSERT_EQ(batch.rows(), 2u);
    ASSERT_EQ(batch.columns(), 4u);
    EXPECT_EQ(batch.value(1, 0), 0.1F);
    EXPECT_EQ(era::number_at(batch, 0, 1), 0.1);
    EXPECT_EQ(era::number_at(batch, 1, 1), 0.10000000000000002);
}

TEST_P(EveryWayIn, ErrorsComeThrough) {
    const auto decoder = open(std::string(kText) + "c,2,oops\n");
    decoder->select(std::vector<std::string>{"feature_a"});
    era::EraBatch batch(1 << 16);
    ASSERT_TRUE(decoder->next(batch));
    EXPECT_THAT(expect_error(util::ErrorKind::data, [&] { decoder->next(batch); }),
                HasSubstr("line 4"));
}

TEST_P(EveryWayIn, TellsItsMemory) {
    const auto decoder = open(kText);
    decoder->select(std::vector<std::string>{"feature_a"});
    EXPECT_GT(decoder->memory_bytes(), 100'000u);
    EXPECT_LT(decoder->memory_bytes(), 20'000'000u);
}

INSTANTIATE_TEST_SUITE_P(Ways, EveryWayIn,
                         testing::Values(Way{"Plain", false, Threading::none},
                                         Way{"PlainAhead", false, Threading::read_ahead},
                                         Way{"Xz", true, Threading::none},
                                         Way{"XzAhead", true, Threading::read_ahead}),
                         [](const auto& way) { return way.param.name; });

TEST(OpenDecoder, SaysWhatIsInTheFileInstead) {
    const test::TemporaryFolder folder;
    const auto message_for = [&](std::string_view bytes) {
        const auto path = folder.write("data.csv", bytes);
        return expect_error(util::ErrorKind::data, [&] { open_decoder(path, {}); });
    };
    EXPECT_THAT(message_for("<!DOCTYPE html>"), HasSubstr("HTML"));
    EXPECT_THAT(message_for("{\"errors\":[]}"), HasSubstr("JSON"));
    EXPECT_THAT(message_for("PAR1...."), HasSubstr("Parquet"));
    EXPECT_THAT(message_for("PK\x03\x04...."), HasSubstr("zip"));
    EXPECT_THAT(message_for("\x1F\x8B......"), HasSubstr("gzip"));
    EXPECT_THAT(message_for(std::string_view("\0\1\2\3\4\5\6\7", 8)), HasSubstr("binary"));
    EXPECT_THAT(message_for(""), HasSubstr("empty"));
}

TEST(OpenDecoder, MissingFileIsADiskError) {
    expect_error(util::ErrorKind::disk, [] { open_decoder("/absent/file", {}); });
    expect_error(util::ErrorKind::disk, [] { open_decoder("/", {}); });
}

}  // namespace
}  // namespace erawise::decode
