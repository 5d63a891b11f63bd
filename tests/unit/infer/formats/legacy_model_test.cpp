#include "infer/formats/legacy_model.h"

#include <bit>
#include <sstream>

#include "infer/formats/model_reader.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::infer {
namespace {

using test::expect_error;

std::filesystem::path fixture(std::string_view name) {
    return std::filesystem::path(ERAWISE_SOURCE_DIR) / "tests/fixtures/legacy" / name;
}

std::vector<std::vector<float>> fixture_rows() {
    std::istringstream text(test::read_file(fixture("rows.csv")));
    std::vector<std::vector<float>> rows;
    std::string line;
    std::getline(text, line);
    while (std::getline(text, line)) {
        std::istringstream fields(line);
        std::vector<float>& row = rows.emplace_back();
        for (std::string field; std::getline(fields, field, ',');) {
            row.push_back(std::stof(field));
        }
    }
    return rows;
}

TEST(LegacyModel, PredictsWhatTheLibraryPredicted) {
    const ModelDescription model = read_model_description(fixture("xgboost-1.7.4-60trees.model"));
    EXPECT_EQ(model.format, ModelFormat::binary);
    EXPECT_EQ(forest_objection(model), "");
    const Forest forest = read_forest(model);
    const auto rows = fixture_rows();
    ASSERT_EQ(rows.size(), 200u);
    std::istringstream predictions(
        test::read_file(fixture("xgboost-1.7.4-60trees.predictions.txt")));
    for (const auto& row : rows) {
        std::string expected;
        predictions >> expected;
        const auto got = static_cast<float>(walk(forest, row));
        EXPECT_EQ(std::bit_cast<std::uint32_t>(got),
                  std::bit_cast<std::uint32_t>(std::stof(expected)));
    }
}

TEST(LegacyModel, IsTheSameForestAsItsJsonTwin) {
    const ModelDescription binary = read_model_description(fixture("xgboost-1.7.4-60trees.model"));
    const ModelDescription json = read_model_description(fixture("xgboost-1.7.4-60trees.json"));
    EXPECT_EQ(binary.trees, json.trees);
    EXPECT_EQ(binary.nodes, json.nodes);
    EXPECT_EQ(binary.max_depth, json.max_depth);
    EXPECT_EQ(binary.distinct_tests, json.distinct_tests);
    EXPECT_EQ(binary.objective, json.objective);
    EXPECT_EQ(binary.num_feature, json.num_feature);
    const Forest a = read_forest(binary);
    const Forest b = read_forest(json);
    EXPECT_EQ(a.base_margin, b.base_margin);
    for (const auto& row : fixture_rows()) {
        ASSERT_EQ(std::bit_cast<std::uint64_t>(walk(a, row)),
                  std::bit_cast<std::uint64_t>(walk(b, row)));
    }
}

class DamagedLegacyModel : public testing::Test {
  protected:
    [[nodiscard]] ModelDescription read(std::string_view bytes) const {
        return read_model_description(folder_.write("m.model", bytes));
    }
    const std::string whole_ = test::read_file(fixture("xgboost-1.7.4-60trees.model"));
    test::TemporaryFolder folder_;
};

TEST_F(DamagedLegacyModel, MayStartWithItsHeaderOrWithout) {
    const bool has_header = whole_.starts_with("binf");
    const std::string other = has_header ? whole_.substr(4) : "binf" + whole_;
    EXPECT_EQ(read(other).nodes, read(whole_).nodes);
}

TEST_F(DamagedLegacyModel, MajorVersionZeroStoresTheMargin) {
    std::string old = whole_;
    const std::size_t major = (whole_.starts_with("binf") ? 4u : 0u) + 20;
    ASSERT_EQ(old[major], 1);
    old[major] = 0;
    const ModelDescription model = read(old);
    EXPECT_TRUE(model.base_score_is_margin);
    EXPECT_EQ(read_forest(model).base_margin, read_forest(read(whole_)).base_margin);
}

TEST_F(DamagedLegacyModel, TruncatedAnywhereIsAModelError) {
    for (std::size_t size = 0; size < whole_.size(); size += 1 + size / 40) {
        SCOPED_TRACE(size);
        expect_error(util::ErrorKind::model,
                     [&] { static_cast<void>(read(std::string_view(whole_).substr(0, size))); });
    }
}

TEST_F(DamagedLegacyModel, FlippedBytesNeverDoMoreThanFail) {
    for (std::size_t position = 0; position < whole_.size(); position += 1 + position / 60) {
        for (const int flip : {0x01, 0x80, 0xFF}) {
            std::string damaged = whole_;
            damaged[position] = static_cast<char>(damaged[position] ^ flip);
            try {
                const ModelDescription model = read(damaged);
                if (forest_objection(model).empty()) {
                    static_cast<void>(read_forest(model));
                }
            } catch (const util::Error& error) {
                EXPECT_EQ(error.kind(), util::ErrorKind::model) << error.what();
            }
        }
    }
}

}  // namespace
}  // namespace erawise::infer
