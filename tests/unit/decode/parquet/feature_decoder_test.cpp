#include "decode/parquet/feature_decoder.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "decode/parquet/parquet_file.h"
#include "decode/parquet/plane_window.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::decode {
namespace {

using test::codes_page;
using test::dictionary_page;
using test::expect_error;
using test::SampleChunk;
using test::SampleFile;
using testing::HasSubstr;

constexpr std::size_t kRows = 3000;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
const std::vector<float> kLevels = {0, 0.25, 0.5, 0.75, 1};

std::vector<std::uint32_t> draw(std::size_t count, std::uint32_t below, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::vector<std::uint32_t> drawn(count);
    for (std::uint32_t& number : drawn) {
        number = static_cast<std::uint32_t>(random() % below);
    }
    return drawn;
}

/// A file of one column, opened, and decoded as often as one likes.
class FeatureDecoderTest : public testing::Test {
  protected:
    void write(const SampleChunk& chunk, bool is_optional = false) {
        column_.is_optional = is_optional;
        SampleFile sample({{.name = "feature_a", .is_optional = is_optional}});
        sample.add({chunk});
        chunk_ = sample.chunk(0, 0);
        folder_.write("data.parquet", sample.bytes());
    }

    /// All rows of the column, `step` rows at a time.
    std::vector<float> decode(std::size_t step, PageLimits limits = {}) {
        const RandomFile file(folder_ / "data.parquet");
        FeatureDecoder decoder(file, limits);
        FeatureColumn feature{.column = &column_, .form = form_};
        feature.open(chunk_);
        const era::BlockLayout::Column place{.form = form_, .planes = feature.planes};
        era::AlignedBytes memory(PlaneWindow::column_bytes(place, 4096));
        const ColumnTarget target = PlaneWindow::column_at(place, memory.data(), 4096);
        for (std::size_t row = 0; row < chunk_.values; row += step) {
            fit_ = decoder.decode(feature, std::min<std::size_t>(step, chunk_.values - row), target,
                                  row);
            if (fit_ == LayoutFit::needs_new_layout) {
                return {};
            }
        }
        count_ = decoder.pages();
        std::vector<float> values(chunk_.values);
        for (std::size_t row = 0; row < values.size(); ++row) {
            values[row] = value_at(feature, target, row);
        }
        return values;
    }

    static float value_at(const FeatureColumn& feature, const ColumnTarget& target,
                          std::size_t row) {
        if (feature.form == era::ColumnForm::plain) {
            return target.values[row];
        }
        std::size_t code = 0;
        for (unsigned plane = 0; plane < feature.planes; ++plane) {
            code |= (target.planes[plane][row / 64] >> (row % 64) & 1) << plane;
        }
        return feature.levels.values[code];
    }

    void expect_everywhere(const std::vector<float>& expected) {
        for (const std::size_t step :
             {std::size_t{1}, std::size_t{7}, std::size_t{512}, expected.size()}) {
            const std::vector<float> found = decode(step);
            ASSERT_EQ(found.size(), expected.size());
            for (std::size_t row = 0; row < found.size(); ++row) {
                ASSERT_TRUE(found[row] == expected[row] ||
                            (std::isnan(found[row]) && std::isnan(expected[row])))
                    << "row " << row << " in steps of " << step;
            }
        }
    }

    PageFacts look(FeatureColumn& feature) {
        const RandomFile file(folder_ / "data.parquet");
        FeatureDecoder decoder(file, {});
        feature.open(chunk_);
        return decoder.probe().look_at_first(feature, 1000);
    }

    test::TemporaryFolder folder_;
    ParquetColumn column_{.name = "feature_a", .type = PhysicalType::float32};
    ColumnChunk chunk_;
    era::ColumnForm form_ = era::ColumnForm::coded;
    LayoutFit fit_ = LayoutFit::fits;
    PageCount count_;
};

std::vector<float> values_of(const std::vector<std::uint32_t>& codes,
                             const std::vector<float>& dictionary) {
    std::vector<float> values;
    for (const std::uint32_t code : codes) {
        values.push_back(dictionary[code]);
    }
    return values;
}

TEST_F(FeatureDecoderTest, SlicesOfAnySizeAreThePageAndSoAreHeldPages) {
    const std::vector<std::uint32_t> codes = draw(kRows, 5);
    for (const Codec codec : {Codec::none, Codec::snappy, Codec::zstd}) {
        write({.pages = {dictionary_page(kLevels), codes_page(codes)}, .codec = codec});
        expect_everywhere(values_of(codes, kLevels));
        decode(100);
        EXPECT_EQ(count_.fast, 1u) << "a page is one, whatever it is read in";
        EXPECT_EQ(count_.sliced, codec == Codec::zstd ? 0u : 1u);
        decode(kRows);
        EXPECT_EQ(count_.sliced, 0u) << "all of its rows were asked for";
    }
}

TEST_F(FeatureDecoderTest, NullsAreMissingInSlicesAndInHeldPages) {
    const std::vector<std::uint32_t> defined = draw(kRows, 2, 2);
    std::vector<std::uint32_t> codes;
    std::vector<float> expected;
    for (const std::uint32_t is_defined : defined) {
        if (is_defined == 1) {
            codes.push_back(static_cast<std::uint32_t>(codes.size() * 7 % 5));
        }
        expected.push_back(is_defined == 1 ? kLevels[codes.back()] : kMissing);
    }
    for (const Codec codec : {Codec::none, Codec::snappy, Codec::zstd}) {
        write({.pages = {dictionary_page(kLevels), codes_page(codes, defined)}, .codec = codec},
              true);
        expect_everywhere(expected);
    }
}

TEST_F(FeatureDecoderTest, PagesFollowEachOtherWhereverRowsEnd) {
    const std::vector<std::uint32_t> first = draw(1000, 5, 3);
    const std::vector<std::uint32_t> second = draw(777, 5, 4);
    write({.pages = {dictionary_page(kLevels), codes_page(first), codes_page(second),
                     test::plain_page({0.25F, 1.0F, 0.5F})}});
    std::vector<std::uint32_t> all = first;
    all.insert(all.end(), second.begin(), second.end());
    for (const std::uint32_t code : {1u, 4u, 2u}) {
        all.push_back(code);
    }
    expect_everywhere(values_of(all, kLevels));
    EXPECT_EQ(count_.fast, 2u);
    EXPECT_EQ(count_.other, 1u);
}

TEST_F(FeatureDecoderTest, ADictionaryInAnotherOrderIsMapped) {
    const std::vector<float> dictionary = {1, 0.5, kMissing, 0.5};  // writers may repeat a value
    const std::vector<std::uint32_t> codes = draw(kRows, 4);
    write({.pages = {dictionary_page(dictionary), codes_page(codes)}});
    expect_everywhere(values_of(codes, dictionary));
}

TEST_F(FeatureDecoderTest, ASlicedPageIsNotHeld) {
    const std::vector<std::uint32_t> codes = draw(kRows, 5);
    write({.pages = {dictionary_page(kLevels), codes_page(codes)}});
    constexpr PageLimits kLittle{.bytes = 100};
    EXPECT_EQ(decode(512, kLittle), values_of(codes, kLevels));
    EXPECT_THROW(decode(kRows, kLittle), PageTooLarge) << "as a whole it is larger";
}

TEST_F(FeatureDecoderTest, MoreThanSixteenValuesArePlain) {
    std::vector<float> dictionary(20);
    for (std::size_t i = 0; i < dictionary.size(); ++i) {
        dictionary[i] = static_cast<float>(i) / 8;
    }
    const std::vector<std::uint32_t> codes = draw(kRows, 20);
    write({.pages = {dictionary_page(dictionary), codes_page(codes, 5)}});
    decode(kRows);
    EXPECT_EQ(fit_, LayoutFit::needs_new_layout);
    form_ = era::ColumnForm::plain;
    expect_everywhere(values_of(codes, dictionary));
}

TEST_F(FeatureDecoderTest, CodesBehindTheDictionaryAreDamageInSlicesAndInHeldPages) {
    std::vector<std::uint32_t> codes = draw(kRows, 5);
    codes[2000] = 6;
    write({.pages = {dictionary_page(kLevels), codes_page(codes)}});
    for (const std::size_t step : {std::size_t{100}, kRows}) {
        EXPECT_THAT(expect_error(util::ErrorKind::data, [&] { decode(step); }),
                    testing::AllOf(HasSubstr("'feature_a'"), HasSubstr("page at byte"),
                                   HasSubstr("behind the 5 entries")));
    }
}

TEST_F(FeatureDecoderTest, APageThatEndsBeforeItsRowsIsDamaged) {
    test::SamplePage page = codes_page(draw(kRows, 5));
    page.body.resize(page.body.size() / 2);
    write({.pages = {dictionary_page(kLevels), page}});
    for (const std::size_t step : {std::size_t{100}, kRows}) {
        EXPECT_THAT(expect_error(util::ErrorKind::data, [&] { decode(step); }),
                    HasSubstr("fewer values than rows"));
    }
}

TEST_F(FeatureDecoderTest, IndicesNeedADictionary) {
    write({.pages = {codes_page(draw(kRows, 5))}});
    EXPECT_THAT(expect_error(util::ErrorKind::data, [&] { decode(100); }),
                HasSubstr("there is none"));
}

TEST_F(FeatureDecoderTest, TheProbeTellsWhatAPageTakesAndHowItCanBeRead) {
    const std::vector<std::uint32_t> codes = draw(kRows, 5);
    FeatureColumn feature{.column = &column_};
    write({.pages = {dictionary_page(kLevels), codes_page(codes)}});
    PageFacts facts = look(feature);
    EXPECT_EQ(facts.page_rows, kRows);
    EXPECT_TRUE(facts.is_sliceable);
    EXPECT_GE(facts.page_bytes, kRows * 3 / 8);
    EXPECT_LT(facts.held_bytes, 100u) << "it is long, and read in slices";
    EXPECT_EQ(feature.levels.count, kLevels.size()) << "the dictionary told them";
    EXPECT_EQ(feature.cursor.page, chunk_.begin);

    write({.pages = {dictionary_page(kLevels), codes_page(codes)}, .codec = Codec::zstd});
    facts = look(feature);
    EXPECT_FALSE(facts.is_sliceable);
    EXPECT_GE(facts.held_bytes, kRows * 3 / 8);
}

TEST_F(FeatureDecoderTest, HeadersAloneTellHowAPageCanBeReadAndNothingOfItsValues) {
    const std::vector<std::uint32_t> codes = draw(kRows, 5);
    const std::vector<float> many(20, 1.0F);
    const auto look_at = [&](const SampleChunk& chunk) {
        write(chunk);
        const RandomFile file(folder_ / "data.parquet");
        FeatureDecoder decoder(file, {});
        FeatureColumn feature{.column = &column_};
        feature.open(chunk_);
        const PageFacts facts = decoder.probe().look_at_headers(feature);
        EXPECT_EQ(facts.page_rows, kRows);
        EXPECT_EQ(feature.levels.count, 0);
        EXPECT_EQ(feature.dictionary_page, 0u);
        return facts.is_sliceable;
    };
    EXPECT_TRUE(look_at({{dictionary_page(kLevels), codes_page(codes)}, Codec::snappy}));
    EXPECT_FALSE(look_at({{dictionary_page(kLevels), codes_page(codes)}, Codec::zstd}));
    EXPECT_FALSE(look_at({{dictionary_page(many), codes_page(codes, 5)}, Codec::none}));
    EXPECT_FALSE(look_at({{test::plain_page(values_of(codes, kLevels))}, Codec::none}));
}

TEST_F(FeatureDecoderTest, TheProbeLooksAtValuesWithoutADictionary) {
    std::vector<float> values(kRows);
    for (std::size_t row = 0; row < kRows; ++row) {
        values[row] = static_cast<float>(row % 12);
    }
    write({.pages = {test::plain_page(values)}});
    FeatureColumn feature{.column = &column_};
    look(feature);
    EXPECT_EQ(feature.levels.count, 12);
    EXPECT_EQ(feature.planes, 4);
    values[kRows - 1] = 0.5F;
    for (std::size_t row = 0; row < 16; ++row) {
        values[row] = static_cast<float>(row) + 20;
    }
    write({.pages = {test::plain_page(values)}});
    look(feature);
    EXPECT_EQ(feature.form, era::ColumnForm::plain);
}

}  // namespace
}  // namespace erawise::decode
