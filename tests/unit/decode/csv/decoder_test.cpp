#include "decode/csv/decoder.h"

#include <fmt/format.h>

#include <cmath>

#include "decode/memory_source.h"
#include "support/expect_error.h"

namespace erawise::decode {
namespace {

using test::expect_error;
using test::memory_source;
using testing::ElementsAre;
using testing::HasSubstr;

struct DecodedRow {
    std::string era;
    std::string id;
    std::vector<float> values;
};

/// All rows of a text, through batches of the given storage.
std::vector<DecodedRow> decode_all(std::string text, const std::vector<std::string>& features,
                                   std::size_t storage_bytes = 1 << 20,
                                   era::EraOrder order = era::EraOrder::any) {
    CsvDecoder decoder(memory_source(std::move(text)), "a.csv", order);
    decoder.select(features);
    era::EraBatch batch(storage_bytes);
    std::vector<DecodedRow> rows;
    while (decoder.next(batch)) {
        EXPECT_GT(batch.rows(), 0u);
        for (std::size_t row = 0; row < batch.rows(); ++row) {
            DecodedRow& decoded = rows.emplace_back();
            decoded.era = batch.era;
            decoded.id = batch.ids[row];
            for (std::size_t column = 0; column < batch.columns(); ++column) {
                decoded.values.push_back(batch.value(row, column));
            }
        }
    }
    return rows;
}

TEST(CsvDecoder, FindsColumnsByNameInAnyOrder) {
    const auto rows =
        decode_all("feature_b,target,era,feature_a,id\n0.25,,era1,1.0,x\n0.5,0.75,eraX,0.0,y\n",
                   {"feature_a", "feature_b"});
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].era, "era1");
    EXPECT_EQ(rows[0].id, "x");
    EXPECT_THAT(rows[0].values, ElementsAre(1.0F, 0.25F));
    EXPECT_EQ(rows[1].era, "eraX");
    EXPECT_THAT(rows[1].values, ElementsAre(0.0F, 0.5F));
}

TEST(CsvDecoder, EmptyFieldsAreMissing) {
    const auto rows = decode_all("id,era,f,g\na,1,,0.5\nb,1,0.5,\n", {"f", "g"});
    EXPECT_TRUE(std::isnan(rows[0].values[0]));
    EXPECT_TRUE(std::isnan(rows[1].values[1]));
    EXPECT_EQ(rows[0].values[1], 0.5F);
}

TEST(CsvDecoder, QuotedFieldsAreRead) {
    const auto rows = decode_all("\"id\",\"era\",\"f\"\n\"a,b\",\"era1\",\"0.5\"\n", {"f"});
    EXPECT_EQ(rows[0].id, "a,b");
    EXPECT_EQ(rows[0].era, "era1");
    EXPECT_EQ(rows[0].values[0], 0.5F);
}

TEST(CsvDecoder, ByteOrderMarkIsNoPartOfTheFirstName) {
    EXPECT_EQ(decode_all("\xEF\xBB\xBFid,era,f\na,1,2\n", {"f"})[0].values[0], 2.0F);
}

TEST(CsvDecoder, ByteOrderMarkBeforeAQuotedHeader) {
    const auto rows = decode_all("\xEF\xBB\xBF\"id\",\"era\",\"f\"\n\"a\",\"1\",\"2\"\n", {"f"});
    EXPECT_EQ(rows[0].id, "a");
    EXPECT_EQ(rows[0].values[0], 2.0F);
}

TEST(CsvDecoder, NumbersHaveSpacesAroundThemInPlainAndCodedColumns) {
    std::string text = "id,era,f,g\n";
    for (int i = 1; i <= 40; ++i) {
        text += fmt::format("n{},1,{:8.3f},{:>6} \n", i, i / 2.0, i % 3);
    }
    const auto rows = decode_all(text, {"f", "g"});
    ASSERT_EQ(rows.size(), 40u);
    for (int i = 1; i <= 40; ++i) {
        EXPECT_THAT(rows[static_cast<std::size_t>(i - 1)].values,
                    ElementsAre(float(i) / 2, float(i % 3)));
    }
}

TEST(CsvDecoder, ColumnsOfTrueAndFalseAreOneAndZero) {
    const auto rows = decode_all("id,era,f\na,1,True\nb,1,False\nc,1,NA\n", {"f"});
    EXPECT_EQ(rows[0].values[0], 1.0F);
    EXPECT_EQ(rows[1].values[0], 0.0F);
    EXPECT_TRUE(std::isnan(rows[2].values[0]));
}

TEST(CsvDecoder, TrueBesideNumbersIsADataErrorInPlainAndCodedColumns) {
    EXPECT_THAT(expect_error(util::ErrorKind::data,
                             [] { decode_all("id,era,f\na,1,0.5\nb,1,True\n", {"f"}); }),
                testing::AllOf(HasSubstr("line 3"), HasSubstr("'True'"), HasSubstr("numbers")));
    std::string text = "id,era,f\n";
    for (int i = 0; i < 40; ++i) {
        text += fmt::format("n{},1,{}\n", i, i);
    }
    EXPECT_THAT(
        expect_error(util::ErrorKind::data, [&] { decode_all(text + "x,1,True\n", {"f"}); }),
        testing::AllOf(HasSubstr("line 42"), HasSubstr("'True'")));
}

TEST(CsvDecoder, InfiniteValuesAreNamedWithThePlaceAndTheRemedy) {
    EXPECT_THAT(expect_error(util::ErrorKind::data,
                             [] { decode_all("id,era,f\na,1,0.5\nb,1,-inf\n", {"f"}); }),
                testing::AllOf(HasSubstr("line 3"), HasSubstr("column 'f' holds '-inf'"),
                               HasSubstr("infinite"), HasSubstr("leave the field empty"),
                               testing::Not(HasSubstr("ownload"))));
}

TEST(CsvDecoder, AnIndexWithoutANameHasTheIds) {
    EXPECT_EQ(decode_all(",era,f\na,1,2\n", {"f"})[0].id, "a");
    EXPECT_EQ(decode_all("Unnamed: 0,era,f\na,1,2\n", {"f"})[0].id, "a");
    EXPECT_EQ(decode_all("era,index,f\n1,a,2\n", {"f"})[0].id, "a");
    EXPECT_EQ(decode_all(",era,id,f,\n0,1,a,2,\n", {"f"})[0].id, "a");
}

TEST(CsvDecoder, MissingIdsAndErasAreDataErrors) {
    for (const char* const missing : {"", "NA", "None", "<NA>"}) {
        EXPECT_THAT(
            expect_error(
                util::ErrorKind::data,
                [&] { decode_all(fmt::format("id,era,f\na,1,2\n{},1,2\n", missing), {"f"}); }),
            testing::AllOf(HasSubstr("line 3"), HasSubstr("no id")));
        EXPECT_THAT(
            expect_error(
                util::ErrorKind::data,
                [&] { decode_all(fmt::format("id,era,f\na,1,2\nb,{},2\n", missing), {"f"}); }),
            testing::AllOf(HasSubstr("line 3"), HasSubstr("no era")));
    }
}

TEST(CsvDecoder, FileWithoutErasIsOneEra) {
    EXPECT_EQ(decode_all("id,f\na,1\nb,2\n", {"f"})[1].era, "all");
}

TEST(CsvDecoder, ABatchHoldsOneEra) {
    CsvDecoder decoder(memory_source("id,era,f\na,1,1\nb,1,2\nc,2,3\n"), "a.csv",
                       era::EraOrder::any);
    decoder.select(std::vector<std::string>{"f"});
    era::EraBatch batch(1 << 20);
    ASSERT_TRUE(decoder.next(batch));
    EXPECT_EQ(batch.rows(), 2u);
    ASSERT_TRUE(decoder.next(batch));
    EXPECT_EQ(batch.rows(), 1u);
    EXPECT_EQ(batch.era, "2");
    EXPECT_FALSE(decoder.next(batch));
}

/// Rows of an era with `values` different values per column.
std::string many_rows(std::size_t rows, std::size_t values) {
    std::string text = "id,era,f,g,h\n";
    for (std::size_t i = 0; i < rows; ++i) {
        text += fmt::format("row{},{},{},{},{}\n", i, i / 3000, i % values, i % 5, (i * 7) % 2);
    }
    return text;
}

class CsvDecoderLayouts : public testing::TestWithParam<std::size_t> {};

/// 8 to 9 values: a fourth plane; 16 to 17: a plain column. Both may happen within a batch.
TEST_P(CsvDecoderLayouts, ValuesSurviveEveryChangeOfLayoutAndSliceSize) {
    constexpr std::size_t kRows = 7001;
    for (const std::size_t storage : {std::size_t{4096}, std::size_t{1} << 20}) {
        const auto rows = decode_all(many_rows(kRows, GetParam()), {"f", "g", "h"}, storage);
        ASSERT_EQ(rows.size(), kRows);
        for (std::size_t i = 0; i < kRows; ++i) {
            ASSERT_EQ(rows[i].id, fmt::format("row{}", i));
            ASSERT_EQ(rows[i].era, fmt::format("{}", i / 3000));
            ASSERT_THAT(rows[i].values,
                        ElementsAre(float(i % GetParam()), float(i % 5), float((i * 7) % 2)))
                << i;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(DistinctValues, CsvDecoderLayouts,
                         testing::Values(1u, 2u, 8u, 9u, 16u, 17u, 1000u, 6000u));

TEST(CsvDecoder, AColumnIsCodedUpToSixteenValues) {
    const auto form_of = [](std::size_t values) {
        CsvDecoder decoder(memory_source(many_rows(2000, values)), "a.csv", era::EraOrder::any);
        decoder.select(std::vector<std::string>{"f"});
        era::EraBatch batch(1 << 20);
        while (decoder.next(batch)) {
        }
        return batch.layout().columns[0].form;
    };
    EXPECT_EQ(form_of(16), era::ColumnForm::coded);
    EXPECT_EQ(form_of(17), era::ColumnForm::plain);
}

TEST(CsvDecoder, TheFirstRowsTellTheLayout) {
    CsvDecoder decoder(memory_source(many_rows(2000, 17)), "a.csv", era::EraOrder::any);
    const era::BlockLayout& layout = decoder.select(std::vector<std::string>{"f", "g"});
    EXPECT_EQ(layout.columns[0].form, era::ColumnForm::plain);
    EXPECT_EQ(layout.columns[1].form, era::ColumnForm::coded);
    EXPECT_EQ(layout.columns[1].planes, 3);
}

/// `values` different values that come behind what is in memory with the header.
std::string late_values(std::size_t values) {
    const std::string rows = many_rows(100, values);
    return many_rows(100'000, 1) + rows.substr(rows.find('\n') + 1);
}

TEST(CsvDecoder, ASurveyTellsTheLayoutOfAllRows) {
    for (const std::size_t values : {5u, 9u, 17u}) {
        CsvDecoder first(memory_source(late_values(values)), "a.csv", era::EraOrder::any);
        const std::size_t before = first.select(std::vector<std::string>{"f"}).block_bytes;
        EXPECT_EQ(before, 3 * era::kPlaneBytes);
        const util::StopSignal stop;
        EXPECT_EQ(first.survey(stop).block_bytes,
                  values == 5
                      ? before
                      : (values == 9 ? 4 * era::kPlaneBytes : era::kBlockRows * sizeof(float)));
    }
}

TEST(CsvDecoder, RowsThatTakeMoreAskForIt) {
    CsvDecoder decoder(memory_source(late_values(17)), "a.csv", era::EraOrder::any);
    era::EraBatch batch(decoder.select(std::vector<std::string>{"f"}).block_bytes);
    std::size_t asked = 0;
    decoder.set_memory_source([&](const era::BlockLayout& layout) {
        ++asked;
        batch = era::EraBatch(layout.block_bytes);
        return MemoryGrant{};
    });
    std::size_t rows = 0;
    while (decoder.next(batch)) {
        rows += batch.rows();
    }
    EXPECT_EQ(rows, 100'100u);
    EXPECT_EQ(asked, 2u) << "for a fourth plane, and for floats";
}

TEST(CsvDecoder, LayoutBeyondThePlanIsAMemoryError) {
    EXPECT_THAT(expect_error(util::ErrorKind::memory,
                             [] { decode_all(many_rows(2000, 17), {"f", "g"}, 512); }),
                HasSubstr("1 of 2 features have more than 16 different values"));
}

TEST(CsvDecoder, AModelWithoutFeaturesStillHasRows) {
    EXPECT_EQ(decode_all("id,era,f\na,1,1\nb,1,2\n", {}).size(), 2u);
}

TEST(CsvDecoder, BadRowsAreDataErrorsWithTheirPlace) {
    const std::string header = "id,era,feature_a\na,1,0.5\n";
    EXPECT_THAT(
        expect_error(util::ErrorKind::data, [&] { decode_all(header + "b,1\n", {"feature_a"}); }),
        testing::AllOf(HasSubstr("line 3"), HasSubstr("2 fields, the header 3")));
    EXPECT_THAT(expect_error(util::ErrorKind::data,
                             [&] { decode_all(header + "b,1,0.5,\n", {"feature_a"}); }),
                HasSubstr("4 fields, the header 3"));
    EXPECT_THAT(
        expect_error(util::ErrorKind::data,
                     [&] { decode_all(header + "b,1,abc\n", {"feature_a"}); }),
        testing::AllOf(HasSubstr("line 3 (byte 25"), HasSubstr("'feature_a'"), HasSubstr("'abc'")));
}

TEST(CsvDecoder, BadNumbersInPlainColumnsAreDataErrorsToo) {
    EXPECT_THAT(expect_error(util::ErrorKind::data,
                             [] { decode_all(many_rows(2000, 17) + "last,0,x,1,1\n", {"f"}); }),
                HasSubstr("line 2002"));
}

TEST(CsvDecoder, BadHeadersAreDataErrors) {
    EXPECT_THAT(expect_error(util::ErrorKind::data, [] { decode_all("", {}); }),
                HasSubstr("empty"));
    EXPECT_THAT(expect_error(util::ErrorKind::data, [] { decode_all("id,era,f\n", {"f"}); }),
                HasSubstr("no rows"));
    EXPECT_THAT(expect_error(util::ErrorKind::data, [] { decode_all("a,b\n1,2\n", {"a"}); }),
                HasSubstr("no column 'id'"));
    EXPECT_THAT(
        expect_error(util::ErrorKind::data, [] { decode_all("id,era,f,f\na,1,1,1\n", {"f"}); }),
        HasSubstr("'f' twice, as columns 3 and 4"));
    EXPECT_THAT(expect_error(util::ErrorKind::data, [] { decode_all("id,era,f\na,1,1\n", {"g"}); }),
                HasSubstr("no column 'g'"));
}

TEST(CsvDecoder, EraThatComesBackIsAnErrorWhereErasMustBeWhole) {
    const std::string text = "id,era,f\na,1,1\nb,2,1\nc,1,1\n";
    EXPECT_EQ(decode_all(text, {"f"}).size(), 3u);
    EXPECT_THAT(expect_error(util::ErrorKind::data,
                             [&] { decode_all(text, {"f"}, 1 << 20, era::EraOrder::grouped); }),
                testing::AllOf(HasSubstr("line 2"), HasSubstr("line 4")));
}

TEST(CsvDecoder, AnEraInSlicesDoesNotComeBack) {
    const auto rows = decode_all(many_rows(5000, 3), {"f", "g", "h"}, 4096, era::EraOrder::grouped);
    EXPECT_EQ(rows.size(), 5000u);
}

}  // namespace
}  // namespace erawise::decode
