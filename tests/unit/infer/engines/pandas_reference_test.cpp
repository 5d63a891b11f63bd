#include "infer/engines/pandas_reference.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <numeric>

#include "infer/engines/checked_predictor.h"
#include "infer/engines/xgboost_library.h"
#include "infer/engines/xgboost_predictor.h"
#include "infer/formats/model_reader.h"
#include "support/expect_error.h"

namespace erawise::infer {
namespace {

using testing::HasSubstr;

/// Trained by XGBoost 3.3 on categories, those of feature 0 being 0, 2 and 4.
ModelDescription model_of_categories() {
    return read_model_description(std::filesystem::path(ERAWISE_SOURCE_DIR) /
                                  "tests/fixtures/faults/categories.ubj");
}

/// 100 rows of values that are levels, some of them missing.
era::EraBatch rows_of(const ModelDescription& model) {
    constexpr std::size_t kRows = 100;
    auto layout = std::make_shared<era::BlockLayout>();
    for (std::uint32_t f = 0; f < model.num_feature; ++f) {
        layout->add(era::ColumnForm::plain, 0);
    }
    era::EraBatch batch(layout->block_bytes);
    batch.reset(layout, "era1");
    for (const CategoryLevels& levels : model.category_levels) {
        for (std::size_t row = 0; row < kRows; ++row) {
            const std::size_t pick = (row * 7 + levels.feature) % (levels.values.size() + 1);
            batch.values(0, levels.feature)[row] = pick < levels.values.size()
                                                       ? levels.values[pick]
                                                       : std::numeric_limits<float>::quiet_NaN();
        }
    }
    for (std::size_t row = 0; row < kRows; ++row) {
        batch.ids.push_back("id");
    }
    return batch;
}

/// Predicts with codes by `levels`, and checks them.
void predict_checked(std::vector<CategoryLevels> levels) {
    const ModelDescription model = model_of_categories();
    const auto library = XgboostLibrary::open();
    std::vector<std::uint32_t> columns(model.num_feature);
    std::iota(columns.begin(), columns.end(), 0U);
    ModelDescription coded = model;
    coded.category_levels = std::move(levels);
    const auto checked =
        make_checked_predictor(make_xgboost_predictor(library, coded, columns, 0),
                               make_pandas_reference(library, model, columns, 0), "m.ubj");
    const era::EraBatch batch = rows_of(model);
    const auto workspace = checked->make_workspace();
    workspace->load(batch, 0);
    std::vector<double> predictions(era::kBlockRows);
    checked->predict(*workspace, predictions);
}

TEST(PandasReference, HasTheBitsOfOurCodes) {
    ASSERT_TRUE(has_pandas_reference(model_of_categories()));
    predict_checked(model_of_categories().category_levels);
}

TEST(PandasReference, TellsCodesThatAreNotThoseOfTraining) {
    std::vector<CategoryLevels> levels = model_of_categories().category_levels;
    ASSERT_THAT(levels.at(0).values, testing::ElementsAre(0, 2, 4));
    std::ranges::reverse(levels[0].values);
    EXPECT_THAT(
        test::expect_error(util::ErrorKind::bug, [&] { predict_checked(std::move(levels)); }),
        HasSubstr("self-check failed"));
}

TEST(PandasReference, TellsValuesThatWereTakenForCodes) {
    std::vector<CategoryLevels> levels = model_of_categories().category_levels;
    levels.at(0).values = {0, 1, 2, 3, 4};
    EXPECT_THAT(
        test::expect_error(util::ErrorKind::bug, [&] { predict_checked(std::move(levels)); }),
        HasSubstr("self-check failed"));
}

TEST(PandasReference, TextsHaveNone) {
    ModelDescription model = model_of_categories();
    model.category_levels.at(3).kind = CategoryLevels::Kind::text;
    EXPECT_FALSE(has_pandas_reference(model));
}

}  // namespace
}  // namespace erawise::infer
