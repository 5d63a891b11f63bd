#include "decode/parquet/footer.h"

#include <string>

#include "decode/parquet/parquet_file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::decode {
namespace {

using test::expect_error;
using test::SampleFile;
using testing::HasSubstr;

/// Two columns, and row groups of 3, 0 and 2 rows.
std::string sample() {
    SampleFile file({{.name = "id", .type = PhysicalType::byte_array}, {.name = "feature_a"}});
    file.add({{.pages = {test::text_page({"a", "b", "c"})}},
              {.pages = {test::plain_page({1, 2, 3})}, .codec = Codec::zstd}});
    file.add({{.pages = {}}, {.pages = {}}});
    file.add({{.pages = {test::text_page({"d", "e"})}}, {.pages = {test::plain_page({4, 5})}}});
    return file.bytes();
}

class ParquetFooterTest : public testing::Test {
  protected:
    /// The message of the error in which opening `bytes` ends.
    std::string refusal(const std::string& bytes) {
        const RandomFile file(folder_.write("data.parquet", bytes));
        return expect_error(util::ErrorKind::data, [&] { ParquetFooter{file}; });
    }

    test::TemporaryFolder folder_;
    const std::string bytes_ = sample();
};

TEST_F(ParquetFooterTest, TellsColumnsAndRowGroups) {
    const RandomFile file(folder_.write("data.parquet", bytes_));
    const ParquetFooter footer(file);
    ASSERT_EQ(footer.columns().size(), 2u);
    EXPECT_EQ(footer.columns()[0].name, "id");
    EXPECT_EQ(footer.columns()[1].type, PhysicalType::float32);
    EXPECT_EQ(footer.rows(), 5u);
    EXPECT_EQ(footer.created_by(), "a test");
    ASSERT_EQ(footer.row_groups().size(), 3u);
    EXPECT_EQ(footer.row_groups()[2].rows, 2u);
    EXPECT_EQ(footer.row_groups()[2].first_row, 3u);
}

TEST_F(ParquetFooterTest, GivesTheChunksThatAreAskedForInThatOrderAndAsOften) {
    const RandomFile file(folder_.write("data.parquet", bytes_));
    const ParquetFooter footer(file);
    const std::vector<std::uint32_t> columns = {1, 0, 1};
    const std::vector<ColumnChunk> chunks = footer.chunks(0, columns);
    ASSERT_EQ(chunks.size(), 3u);
    EXPECT_EQ(chunks[0].codec, Codec::zstd);
    EXPECT_EQ(chunks[1].codec, Codec::none);
    EXPECT_EQ(chunks[1].begin, 4u) << "behind the magic";
    EXPECT_EQ(chunks[0].begin, chunks[1].end);
    EXPECT_EQ(chunks[2].begin, chunks[0].begin);
    EXPECT_EQ(chunks[0].values, 3u);
}

TEST_F(ParquetFooterTest, ShowsEveryChunkOfAGroup) {
    const RandomFile file(folder_.write("data.parquet", bytes_));
    const ParquetFooter footer(file);
    std::vector<std::int64_t> codecs;
    footer.visit_chunks(0, [&](const ChunkMetadata& chunk) { codecs.push_back(chunk.codec); });
    EXPECT_THAT(codecs,
                testing::ElementsAre(static_cast<int>(Codec::none), static_cast<int>(Codec::zstd)));
}

TEST_F(ParquetFooterTest, AFileThatWasCutOffIsTold) {
    EXPECT_THAT(refusal(bytes_.substr(0, bytes_.size() - 1)), HasSubstr("cut off"));
    EXPECT_THAT(refusal("PAR1"), HasSubstr("no Parquet file"));
}

TEST_F(ParquetFooterTest, AnEncryptedFileIsNoDamage) {
    EXPECT_THAT(refusal(bytes_.substr(0, bytes_.size() - 1) + "E"), HasSubstr("encrypted"));
}

TEST_F(ParquetFooterTest, ALengthThatTheFileDoesNotHaveIsDamage) {
    std::string damaged = bytes_;
    damaged[damaged.size() - 5] = '\x7F';
    EXPECT_THAT(refusal(damaged), HasSubstr("the metadata should have"));
}

TEST_F(ParquetFooterTest, EveryCutOfTheMetadataIsFound) {
    const RandomFile file(folder_.write("data.parquet", bytes_));
    const std::uint64_t size = ParquetFooter(file).footer_bytes();
    const std::string data = bytes_.substr(0, bytes_.size() - 8 - size);
    const std::string metadata = bytes_.substr(data.size(), size);
    for (std::uint32_t kept = 1; kept + 10 < size; ++kept) {
        const std::string length(reinterpret_cast<const char*>(&kept), sizeof kept);
        const std::string message = refusal(data + metadata.substr(0, kept) + length + "PAR1");
        EXPECT_THAT(message, HasSubstr("data.parquet")) << kept;
    }
}

TEST_F(ParquetFooterTest, AChunkThatIsNotInTheDataIsDamage) {
    SampleFile file({{.name = "feature_a"}});
    file.add({{.pages = {test::plain_page({1, 2, 3})}}});
    std::string bytes = file.bytes();
    bytes.erase(4, 8);  // the chunk is shorter than it says
    const RandomFile source(folder_.write("data.parquet", bytes));
    const ParquetFooter footer(source);
    const std::vector<std::uint32_t> columns = {0};
    EXPECT_THAT(
        expect_error(util::ErrorKind::data, [&] { static_cast<void>(footer.chunks(0, columns)); }),
        testing::AllOf(HasSubstr("'feature_a'"), HasSubstr("outside of the data")));
}

}  // namespace
}  // namespace erawise::decode
