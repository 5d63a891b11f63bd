#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "infer/block_matrix.h"
#include "infer/engines/xgboost_library.h"
#include "infer/forest.h"
#include "infer/random_forests.h"
#include "infer/xgboost_json.h"
#include "support/temporary_folder.h"

namespace erawise::infer {
namespace {

using test::ForestShape;
using enum ForestShape::Growth;

/// The walk is the truth for every kernel, and libxgboost the truth for the walk.
TEST(Walk, GivesTheBitsOfLibxgboost) {
    constexpr std::uint32_t kFeatures = 13;
    const auto library = XgboostLibrary::open();
    const test::TemporaryFolder folder;
    std::vector<std::uint32_t> columns(kFeatures);
    for (std::uint32_t f = 0; f < kFeatures; ++f) {
        columns[f] = f;
    }
    const era::EraBatch batch = test::random_rows(400, kFeatures, 5);
    std::vector<float> matrix(batch.rows() * kFeatures);
    fill_matrix(batch, 0, 0, batch.rows(), columns, matrix.data());
    unsigned seed = 1;
    for (const ForestShape::Growth growth : {level, random, chain}) {
        for (const std::uint32_t leaves : {1u, 2u, 7u, 32u, 50u, 300u}) {
            SCOPED_TRACE(testing::Message()
                         << "growth " << static_cast<int>(growth) << " leaves " << leaves);
            const Forest forest = test::random_forest(
                {.trees = 20, .features = kFeatures, .leaves = leaves, .growth = growth}, ++seed);
            const auto booster = library->load(
                folder.write("model.json", test::xgboost_json(forest)), RowPassing::in_place);
            const std::span<const float> truth =
                booster->predict(matrix.data(), batch.rows(), kFeatures, 0);
            for (std::size_t row = 0; row < batch.rows(); ++row) {
                const auto walked = static_cast<float>(
                    walk(forest, std::span(matrix).subspan(row * kFeatures, kFeatures)));
                ASSERT_EQ(std::bit_cast<std::uint32_t>(walked),
                          std::bit_cast<std::uint32_t>(truth[row]))
                    << "row " << row << ": " << walked << " for " << truth[row];
            }
        }
    }
}

TEST(Walk, SendsMissingValuesTheDefaultWay) {
    Forest forest;
    forest.num_feature = 1;
    forest.nodes = {{.left = 1, .right = 2, .feature = 0, .default_left = 1, .value = 0.5F},
                    {.value = 1},
                    {.value = 2}};
    forest.begins = {0, 3};
    EXPECT_EQ(walk(forest, std::vector<float>{0.4F}), 1);
    EXPECT_EQ(walk(forest, std::vector<float>{0.5F}), 2);
    EXPECT_EQ(walk(forest, std::vector<float>{NAN}), 1);
    forest.nodes[0].default_left = 0;
    EXPECT_EQ(walk(forest, std::vector<float>{NAN}), 2);
}

}  // namespace
}  // namespace erawise::infer
