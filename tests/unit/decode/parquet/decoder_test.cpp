#include "decode/parquet/decoder.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "decode/parquet/parquet_file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::decode {
namespace {

using test::codes_page;
using test::dictionary_page;
using test::SampleChunk;
using test::SampleFile;
using testing::HasSubstr;

constexpr std::size_t kFeatures = 12;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
const std::vector<float> kLevels = {0, 0.25, 0.5, 0.75, 1};

std::string id_of(std::size_t row) {
    return "n" + std::to_string(row * 2654435761U);
}

std::string era_of(std::size_t row) {
    return "era" + std::to_string(row / 9000);
}

std::uint32_t code_of(std::size_t feature, std::size_t row) {
    return static_cast<std::uint32_t>(((row + 1) * (feature + 3) * 2654435761U >> 9) % 5);
}

std::vector<test::SampleColumn> sample_columns() {
    std::vector<test::SampleColumn> columns = {{"id", PhysicalType::byte_array},
                                               {"era", PhysicalType::byte_array}};
    for (std::size_t i = 0; i < kFeatures; ++i) {
        columns.push_back({"feature_" + std::to_string(i)});
    }
    return columns;
}

/// How a row group is written.
struct GroupForm {
    std::size_t rows = 0;
    Codec codec = Codec::none;                        ///< of features
    std::optional<Codec> first_codec = std::nullopt;  ///< of the first, where it has another
    std::size_t page_rows = SIZE_MAX;
    std::size_t id_page_rows = 1000;
    Codec id_codec = Codec::none;
};

/// Pages of `page_rows` rows, made by `make(first, rows)`.
template <typename Make>
std::vector<test::SamplePage> pages_of(std::size_t rows, std::size_t page_rows, Make&& make) {
    std::vector<test::SamplePage> pages;
    for (std::size_t row = 0; row < rows; row += page_rows) {
        pages.push_back(make(row, std::min(page_rows, rows - row)));
        if (page_rows >= rows) {
            break;
        }
    }
    return pages;
}

/// Rows [first, first + form.rows) of the sample.
std::vector<SampleChunk> sample_group(std::size_t first, const GroupForm& form) {
    const auto texts = [&](auto&& text_of) {
        return pages_of(form.rows, form.id_page_rows, [&](std::size_t row, std::size_t rows) {
            std::vector<std::string> values;
            for (std::size_t i = 0; i < rows; ++i) {
                values.push_back(text_of(first + row + i));
            }
            return test::text_page(values);
        });
    };
    std::vector<SampleChunk> chunks = {{texts(id_of), form.id_codec},
                                       {texts(era_of), form.id_codec}};
    for (std::size_t feature = 0; feature < kFeatures; ++feature) {
        std::vector<test::SamplePage> pages =
            pages_of(form.rows, form.page_rows, [&](std::size_t row, std::size_t rows) {
                std::vector<std::uint32_t> codes;
                for (std::size_t i = 0; i < rows; ++i) {
                    codes.push_back(code_of(feature, first + row + i));
                }
                return codes_page(codes);
            });
        pages.insert(pages.begin(), dictionary_page(kLevels));
        chunks.push_back(
            {pages, feature == 0 ? form.first_codec.value_or(form.codec) : form.codec});
    }
    return chunks;
}

class ParquetDecoderTest : public testing::Test {
  protected:
    void write(const std::vector<GroupForm>& groups) {
        SampleFile file(sample_columns());
        for (const GroupForm& form : groups) {
            file.add(sample_group(rows_, form));
            rows_ += form.rows;
        }
        folder_.write("data.parquet", file.bytes());
    }

    void open(DecodeOptions options = {}) {
        options.work_directory = folder_.path();
        decoder_ = std::make_unique<ParquetDecoder>(folder_ / "data.parquet", options);
        std::vector<std::string> features;
        std::ranges::copy_if(decoder_->column_names(), std::back_inserter(features),
                             is_feature_name);
        decoder_->select(features);
    }

    /// With a window of the least memory, which is asked for again where rows take more.
    void open_with_least(std::uint64_t page_bytes = 64 * 1024) {
        open();
        const auto least = [this, page_bytes] {
            return MemoryGrant{decoder_->window_needs().minimum_bytes, page_bytes};
        };
        decoder_->set_memory_source([least](const era::BlockLayout&) { return least(); });
        decoder_->grant(least());
    }

    /// Reads the file to its end: every row is there once, in order, with its values.
    void expect_all_rows() {
        era::EraBatch batch(256 * 1024);
        std::size_t row = 0;
        while (decoder_->next(batch)) {
            for (std::size_t i = 0; i < batch.rows(); ++i, ++row) {
                ASSERT_EQ(batch.ids[i], id_of(row));
                ASSERT_EQ(batch.era, era_of(row));
                for (std::size_t feature = 0; feature < kFeatures; ++feature) {
                    ASSERT_EQ(batch.value(i, feature), kLevels[code_of(feature, row)])
                        << "row " << row << ", feature " << feature;
                }
            }
        }
        EXPECT_EQ(row, rows_);
        EXPECT_EQ(decoder_->consumed_bytes(), std::filesystem::file_size(folder_ / "data.parquet"));
    }

    /// In the build folder, which is on a disk: rows may be spilled there.
    test::TemporaryFolder folder_{std::filesystem::current_path()};
    std::size_t rows_ = 0;
    std::unique_ptr<ParquetDecoder> decoder_;
};

constexpr std::size_t kLongGroup = 70'000;

TEST_F(ParquetDecoderTest, EveryLayoutGivesTheSameRowsWithAnyWindow) {
    for (const Codec codec : {Codec::none, Codec::snappy, Codec::zstd}) {
        for (const std::size_t page_rows : {std::size_t{700}, std::size_t{20'000}, SIZE_MAX}) {
            rows_ = 0;
            write({{.rows = 30'000, .codec = codec, .page_rows = page_rows},
                   {.rows = 10, .codec = codec, .page_rows = page_rows}});
            open();
            expect_all_rows();
            open({.threads = 3});
            expect_all_rows();
            open_with_least();
            expect_all_rows();
        }
    }
}

TEST_F(ParquetDecoderTest, LongPagesAreReadInSlicesWhereTheirCodecAllowsIt) {
    write({{.rows = kLongGroup, .codec = Codec::snappy}});
    open_with_least();
    EXPECT_LT(decoder_->window_needs().minimum_bytes, 8u * 1024);
    expect_all_rows();
    EXPECT_EQ(decoder_->spilled_bytes(), 0u);
}

TEST_F(ParquetDecoderTest, OtherLongPagesPassThroughAFileThatIsGoneAfterwards) {
    write({{.rows = kLongGroup, .codec = Codec::zstd}, {.rows = 5000, .codec = Codec::zstd}});
    open_with_least();
    expect_all_rows();
    EXPECT_GE(decoder_->spilled_bytes(), kLongGroup * kFeatures * 3 / 8);
    EXPECT_EQ(folder_.files(), 1u) << "the data";
}

TEST_F(ParquetDecoderTest, WithoutAFolderForFilesLongPagesAreDecodedSeveralTimes) {
    write({{.rows = kLongGroup, .codec = Codec::zstd}});
    decoder_ = std::make_unique<ParquetDecoder>(folder_ / "data.parquet",
                                                DecodeOptions{.work_directory = "/dev/shm"});
    std::vector<std::string> features;
    for (std::size_t i = 0; i < kFeatures; ++i) {
        features.push_back("feature_" + std::to_string(i));
    }
    decoder_->select(features);
    decoder_->grant(
        {.window_bytes = decoder_->window_needs().minimum_bytes, .page_bytes = 64 * 1024});
    expect_all_rows();
    EXPECT_EQ(decoder_->spilled_bytes(), 0u);
}

TEST_F(ParquetDecoderTest, ALaterGroupMayBeUnlikeTheFirst) {
    write({{.rows = kLongGroup, .codec = Codec::none},
           {.rows = kLongGroup, .codec = Codec::zstd},
           {.rows = kLongGroup, .codec = Codec::snappy}});
    open_with_least();
    expect_all_rows();
    rows_ = 0;
    write({{.rows = kLongGroup, .codec = Codec::zstd},
           {.rows = kLongGroup, .codec = Codec::snappy},
           {.rows = 3000, .codec = Codec::none}});
    open_with_least();
    expect_all_rows();
}

/// The first feature's pages are sliceable in both groups.
TEST_F(ParquetDecoderTest, AGroupIsSpilledForTheSakeOfAllFeatures) {
    write({{.rows = kLongGroup, .codec = Codec::none},
           {.rows = kLongGroup, .codec = Codec::zstd, .first_codec = Codec::none}});
    open();
    decoder_->grant({.window_bytes = kMiB / 8, .page_bytes = kMiB});
    expect_all_rows();
    EXPECT_GE(decoder_->spilled_bytes(), kLongGroup * kFeatures * 3 / 8);
    rows_ = 0;
    write({{.rows = kLongGroup, .codec = Codec::none},
           {.rows = kLongGroup, .codec = Codec::none, .first_codec = Codec::zstd}});
    open();
    decoder_->grant({.window_bytes = 2 * kMiB, .page_bytes = kMiB});
    expect_all_rows();
    EXPECT_EQ(decoder_->spilled_bytes(), 0u) << "one of twelve is decoded again";
}

/// The page of ids is larger than anything that was planned for, in a row group of long pages that
/// the window has no room for beside it.
TEST_F(ParquetDecoderTest, MemoryForALargePageOfIdsIsAskedForBeforeItIsRead) {
    const GroupForm sliced{.rows = 80'000, .codec = Codec::none};
    const GroupForm later{
        .rows = 200'000, .codec = Codec::zstd, .id_page_rows = SIZE_MAX, .id_codec = Codec::zstd};
    for (const std::uint64_t window_bytes : {kMiB / 4, 32 * kMiB}) {
        rows_ = 0;
        write({sliced, later});
        open();
        std::vector<std::uint64_t> asked;
        decoder_->set_memory_source([&](const era::BlockLayout&) {
            asked.push_back(decoder_->memory_bytes());
            return MemoryGrant{window_bytes, 64 * 1024};
        });
        decoder_->grant({window_bytes, 64 * 1024});
        const std::uint64_t planned = decoder_->memory_bytes();
        expect_all_rows();
        const bool is_spilled = decoder_->spilled_bytes() > 0;
        EXPECT_EQ(is_spilled, window_bytes > kMiB) << "the page of ids lies in the window";
        ASSERT_FALSE(asked.empty());
        if (!is_spilled) {
            EXPECT_GT(asked.back(), planned + 4 * kMiB) << "an id takes 15 bytes, an era 8";
        }
    }
}

TEST_F(ParquetDecoderTest, ASurveyTellsWhatAllRowsTake) {
    write({{.rows = 1000, .page_rows = 500}, {.rows = kLongGroup, .codec = Codec::zstd}});
    open();
    const std::uint64_t first = decoder_->memory_bytes();
    util::StopSignal stop;
    decoder_->survey(stop);
    EXPECT_GT(decoder_->memory_bytes(), first);
}

TEST_F(ParquetDecoderTest, ARowWithoutAnIdOrOfALongEraIsNamed) {
    SampleFile file(
        {{"id", PhysicalType::byte_array}, {"era", PhysicalType::byte_array}, {"feature_0"}});
    file.add({{{test::text_page({"a", "b"})}},
              {{test::text_page({"1", std::string(kMaxEraBytes + 1, 'x')})}},
              {{test::plain_page({0, 1})}}});
    folder_.write("data.parquet", file.bytes());
    open();
    era::EraBatch batch(256 * 1024);
    EXPECT_THAT(test::expect_error(util::ErrorKind::data, [&] { decoder_->next(batch); }),
                testing::AllOf(HasSubstr("column 'era', row 2"), HasSubstr("257 bytes")));
}

}  // namespace
}  // namespace erawise::decode
