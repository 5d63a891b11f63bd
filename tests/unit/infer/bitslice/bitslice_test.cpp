#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <bit>
#include <cmath>
#include <string>

#include "infer/bitslice/kernels.h"
#include "infer/bitslice/predictor.h"
#include "infer/random_forests.h"
#include "support/expect_error.h"

namespace erawise::infer {
namespace {

using test::ForestShape;
using enum ForestShape::Growth;

/// Feature f is column (f + 1) % columns of the batch.
std::vector<std::uint32_t> shifted_columns(const Forest& forest) {
    std::vector<std::uint32_t> columns(forest.num_feature);
    for (std::uint32_t f = 0; f < forest.num_feature; ++f) {
        columns[f] = (f + 1) % forest.num_feature;
    }
    return columns;
}

std::vector<double> predict(const Predictor& predictor, const era::EraBatch& batch) {
    EXPECT_EQ(predictor.engine(), "bitsliced");
    const auto workspace = predictor.make_workspace();
    std::vector<double> predictions(batch.blocks() * era::kBlockRows);
    for (std::size_t block = 0; block < batch.blocks(); ++block) {
        workspace->load(batch, block);
        predictor.predict(*workspace, std::span(predictions).subspan(block * era::kBlockRows));
    }
    predictions.resize(batch.rows());
    return predictions;
}

std::vector<double> predict(const Forest& forest, const era::EraBatch& batch, std::size_t trees) {
    const std::vector<std::uint32_t> columns = shifted_columns(forest);
    return predict(
        *make_bitslice_predictor({.forest = &forest, .trees = trees, .columns = columns}), batch);
}

BitsliceProgram compile(const Forest& forest) {
    const std::vector<std::uint32_t> columns = shifted_columns(forest);
    const ForestUse use = {.forest = &forest, .trees = forest.trees(), .columns = columns};
    return compile_bitslice(use,
                            std::make_shared<const TestTable>(make_test_table(std::span(&use, 1))));
}

std::vector<double> walk_all(const Forest& forest, const era::EraBatch& batch) {
    std::vector<double> predictions;
    std::vector<float> row(forest.num_feature);
    for (std::size_t r = 0; r < batch.rows(); ++r) {
        for (std::uint32_t f = 0; f < forest.num_feature; ++f) {
            row[f] = batch.value(r, (f + 1) % batch.columns());
        }
        predictions.push_back(walk(forest, row));
    }
    return predictions;
}

void expect_same_bits(const std::vector<double>& got, const std::vector<double>& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        ASSERT_EQ(std::bit_cast<std::uint64_t>(got[i]), std::bit_cast<std::uint64_t>(expected[i]))
            << "row " << i << ": " << got[i] << " for " << expected[i];
    }
}

/// Every test runs once for each vector target that this machine has.
class Bitslice : public testing::TestWithParam<std::int64_t> {
  protected:
    void SetUp() override {
        hwy::SetSupportedTargetsForTest(GetParam());
        ASSERT_EQ(std::string(bitslice_kernel_name()), hwy::TargetName(GetParam()));
    }
    void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

TEST_P(Bitslice, EqualsTheWalkOnForestsOfEveryShape) {
    unsigned seed = 1;
    for (const ForestShape::Growth growth : {level, random, chain}) {
        for (const std::uint32_t leaves :
             {1u,  2u,  3u,  5u,   8u,   9u,   16u,  17u,  31u,  32u,   33u,
              64u, 65u, 66u, 127u, 128u, 200u, 256u, 300u, 700u, 1024u, 1500u}) {
            for (const bool coarse : {true, false}) {
                SCOPED_TRACE(testing::Message() << "growth " << static_cast<int>(growth)
                                                << " leaves " << leaves << " coarse " << coarse);
                for (const Arithmetic arithmetic : {Arithmetic::float32, Arithmetic::float64}) {
                    const Forest forest = test::random_forest({.trees = 7,
                                                               .features = 13,
                                                               .leaves = leaves,
                                                               .growth = growth,
                                                               .coarse_thresholds = coarse,
                                                               .arithmetic = arithmetic},
                                                              ++seed);
                    const era::EraBatch batch = test::random_rows(600, 13, ++seed);
                    ASSERT_NO_FATAL_FAILURE(expect_same_bits(predict(forest, batch, forest.trees()),
                                                             walk_all(forest, batch)));
                }
            }
        }
    }
}

TEST_P(Bitslice, EqualsTheWalkForOddRowCounts) {
    const Forest forest = test::random_forest({.trees = 20, .features = 9}, 4);
    for (const std::size_t rows : {0u, 1u, 63u, 64u, 65u, 511u, 512u, 513u, 1025u}) {
        SCOPED_TRACE(rows);
        const era::EraBatch batch = test::random_rows(rows, 9, 8);
        expect_same_bits(predict(forest, batch, forest.trees()), walk_all(forest, batch));
    }
}

TEST_P(Bitslice, MixesTreesOfAllSizesInOrder) {
    for (const Arithmetic arithmetic : {Arithmetic::float32, Arithmetic::float64}) {
        std::mt19937 generator(3);
        Forest forest =
            test::random_forest({.trees = 0, .features = 6, .arithmetic = arithmetic}, 1);
        for (int i = 0; i < 200; ++i) {
            test::append_tree(forest,
                              {.features = 6,
                               .leaves = 1 + static_cast<std::uint32_t>(generator() % 100),
                               .growth = i % 3 == 0 ? chain : random,
                               .arithmetic = arithmetic},
                              generator);
        }
        const era::EraBatch batch = test::random_rows(700, 6, 5);
        expect_same_bits(predict(forest, batch, forest.trees()), walk_all(forest, batch));
    }
}

TEST_P(Bitslice, ForestsOfBothLibrariesShareTheAnswers) {
    const Forest xgboost = test::random_forest({.trees = 9, .features = 9, .leaves = 40}, 1);
    const Forest lightgbm = test::random_forest(
        {.trees = 9, .features = 9, .leaves = 40, .arithmetic = Arithmetic::float64}, 2);
    const std::vector<std::uint32_t> columns = shifted_columns(xgboost);
    const ForestUse uses[] = {{.forest = &xgboost, .trees = 9, .columns = columns},
                              {.forest = &lightgbm, .trees = 9, .columns = columns}};
    const auto table = std::make_shared<const TestTable>(make_test_table(uses));
    const auto first = make_bitslice_predictor(compile_bitslice(uses[0], table));
    const auto second = make_bitslice_predictor(compile_bitslice(uses[1], table));
    const std::vector<std::shared_ptr<Workspace>> made = {first->make_workspace()};
    ASSERT_EQ(second->make_workspace(made), made[0]);
    const era::EraBatch batch = test::random_rows(512, 9, 3);
    made[0]->load(batch, 0);
    std::vector<double> predictions(era::kBlockRows);
    second->predict(*made[0], predictions);
    expect_same_bits(predictions, walk_all(lightgbm, batch));
    first->predict(*made[0], predictions);
    expect_same_bits(predictions, walk_all(xgboost, batch));
}

TEST_P(Bitslice, AForestWithoutTreesIsItsBaseMargin) {
    const Forest forest = test::random_forest({.trees = 0}, 1);
    const era::EraBatch batch = test::random_rows(3, 8, 1);
    EXPECT_THAT(predict(forest, batch, 0), testing::Each(0.5F));
}

TEST_P(Bitslice, TakesTheFirstTreesOnly) {
    const Forest forest = test::random_forest({.trees = 10}, 1);
    Forest first = forest;
    first.begins.resize(5);
    const era::EraBatch batch = test::random_rows(100, 8, 1);
    expect_same_bits(predict(forest, batch, 4), walk_all(first, batch));
}

TEST_P(Bitslice, AppliesTheLink) {
    Forest forest = test::random_forest({.trees = 10}, 1);
    forest.link = Link::sigmoid;
    const era::EraBatch batch = test::random_rows(100, 8, 1);
    expect_same_bits(predict(forest, batch, 10), walk_all(forest, batch));
}

TEST_P(Bitslice, FollowsLevelsThatChangeFromBatchToBatch) {
    const Forest forest = test::random_forest({.trees = 10}, 1);
    const auto predictor = make_bitslice_predictor(compile(forest));
    const auto workspace = predictor->make_workspace();
    for (unsigned seed = 0; seed < 5; ++seed) {
        const era::EraBatch batch = test::random_rows(512, 8, seed);
        std::vector<double> predictions(512);
        workspace->load(batch, 0);
        predictor->predict(*workspace, predictions);
        expect_same_bits(predictions, walk_all(forest, batch));
    }
}

TEST_P(Bitslice, ForestsWithOneTableShareTheAnswers) {
    const Forest small = test::random_forest({.trees = 5, .features = 9, .leaves = 8}, 1);
    const Forest large = test::random_forest({.trees = 9, .features = 9, .leaves = 300}, 2);
    const std::vector<std::uint32_t> columns = shifted_columns(small);
    const ForestUse uses[] = {{.forest = &small, .trees = small.trees(), .columns = columns},
                              {.forest = &large, .trees = large.trees(), .columns = columns}};
    const auto table = std::make_shared<const TestTable>(make_test_table(uses));
    const auto first = make_bitslice_predictor(compile_bitslice(uses[0], table));
    const auto second = make_bitslice_predictor(compile_bitslice(uses[1], table));
    const auto other = make_bitslice_predictor(compile(small));

    const std::vector<std::shared_ptr<Workspace>> made = {first->make_workspace()};
    EXPECT_EQ(second->make_workspace(made), made[0]);
    EXPECT_NE(other->make_workspace(made), made[0]);
    const era::EraBatch batch = test::random_rows(512, 9, 3);
    made[0]->load(batch, 0);
    std::vector<double> predictions(era::kBlockRows);
    first->predict(*made[0], predictions);
    expect_same_bits(predictions, walk_all(small, batch));
    second->predict(*made[0], predictions);
    expect_same_bits(predictions, walk_all(large, batch));
}

/// Damaged models may hold them; `<` puts NaN in no order among the other thresholds.
TEST_P(Bitslice, ThresholdsMayBeNaNOrZerosOfEitherSign) {
    Forest forest;
    forest.num_feature = 5;  // of random_rows(): coded and plain columns
    std::mt19937 generator(2);
    for (int i = 0; i < 100; ++i) {
        constexpr float kThresholds[] = {NAN, 0.5F, -0.0F, 0.0F, 0.25F, -NAN, INFINITY};
        TreeNode split{.left = 1, .right = 2, .value = kThresholds[generator() % 7]};
        split.feature = static_cast<std::uint32_t>(generator() % 5) & 0x1FFFFFFFu;
        split.default_left = generator() % 2 == 0 ? 1u : 0u;
        const TreeNode nodes[] = {split, {.value = std::ldexp(1.0F, -i % 20)}, {.value = 0}};
        ForestBuilder(forest).take({nodes, {}});
    }
    const era::EraBatch batch = test::random_rows(512, 5, 3);
    expect_same_bits(predict(forest, batch, forest.trees()), walk_all(forest, batch));
}

INSTANTIATE_TEST_SUITE_P(Targets, Bitslice, testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& target) {
                             return std::string(hwy::TargetName(target.param));
                         });

TEST(BitsliceProgram, SharesTheTestsOfAllTrees) {
    const Forest forest = test::random_forest({.trees = 500, .features = 4}, 2);
    // 4 features x 10 thresholds x 2 defaults.
    EXPECT_LE(compile(forest).tests->tests.size(), 80u);
}

/// At most half as much again as the model's own numbers: 8 bytes for each node, leaves included.
TEST(BitsliceProgram, IsCompact) {
    for (const ForestShape::Growth growth : {level, random, chain}) {
        for (const std::uint32_t leaves : {8u, 32u, 64u, 1024u}) {
            const Forest forest =
                test::random_forest({.trees = 200, .leaves = leaves, .growth = growth}, 2);
            const BitsliceProgram program = compile(forest);
            EXPECT_LE(program.memory_bytes() + program.tests->memory_bytes(),
                      12 * forest.nodes.size())
                << "growth " << static_cast<int>(growth) << " leaves " << leaves;
        }
    }
}

/// Float64 leaves add 4 bytes to each code.
TEST(BitsliceProgram, OfFloat64IsCompact) {
    for (const ForestShape::Growth growth : {level, random, chain}) {
        for (const std::uint32_t leaves : {8u, 31u, 65u, 1024u}) {
            const Forest forest = test::random_forest({.trees = 200,
                                                       .leaves = leaves,
                                                       .growth = growth,
                                                       .arithmetic = Arithmetic::float64},
                                                      2);
            EXPECT_LE(compile(forest).memory_bytes(), 16 * forest.nodes.size())
                << "growth " << static_cast<int>(growth) << " leaves " << leaves;
        }
    }
}

/// One select per cut, which costs the same in a chain.
TEST(BitsliceProgram, SmallIrregularTreesAreCutAtTheirLeaves) {
    for (const ForestShape::Growth growth : {random, chain}) {
        const Forest forest =
            test::random_forest({.trees = 1, .features = 1000, .leaves = 31, .growth = growth}, 2);
        const BitsliceProgram program = compile(forest);
        EXPECT_EQ(program.code[0], 31u);  // 30 cuts and one to fill the last group
        const std::size_t fold = 1 + 4 * 31;
        ASSERT_EQ(program.code.size(), fold + 4 + 5);
        EXPECT_EQ(program.code[fold], kFold);
        EXPECT_EQ(program.trees[0].bit_count, 5u);
        EXPECT_EQ(program.trees[0].leaf_count, 31u);
    }
}

TEST(BitsliceProgram, LargeIrregularTreesAreCutAboveTreelets) {
    const Forest forest =
        test::random_forest({.trees = 1, .features = 1000, .leaves = 1024, .growth = random}, 2);
    const BitsliceProgram program = compile(forest);
    const std::size_t fold = 1 + 4 * std::size_t{program.code[0]};
    ASSERT_EQ(program.code[fold], kFold);
    EXPECT_LT(program.code[0], 512u);
    EXPECT_EQ(program.code[fold + 4 + program.code[fold + 3]], kTreelets);
    EXPECT_LE(program.trees[0].leaf_count, 2048u);
}

TEST(BitsliceProgram, LargeCompleteTreesAreBlocksBetweenCuts) {
    const Forest forest = test::random_forest({.trees = 1, .features = 1000, .leaves = 1024}, 2);
    const BitsliceProgram program = compile(forest);
    ASSERT_EQ(program.code[0], 31u);
    const std::size_t fold = 1 + 4 * 31;
    ASSERT_EQ(program.code[fold], kFold);
    const std::size_t blocks = fold + 4 + program.code[fold + 3];
    ASSERT_EQ(program.code[blocks], kTreeletBlocks);
    EXPECT_EQ(program.code[blocks + 1 + kDeepestBlock], 32u);
    EXPECT_EQ(program.code.size(), blocks + 1 + kDeepestBlock + 1 + std::size_t{32} * (2 + 31));
    EXPECT_EQ(program.trees[0].bit_count, 10u);
    EXPECT_EQ(program.trees[0].leaf_count, 1024u);
}

/// Their blocks would leave more gaps than there are codes.
TEST(BitsliceProgram, LargeTreesTakeAllCodesThatThereAre) {
    const Forest forest = test::random_forest({.trees = 1, .features = 1000, .leaves = 40'000}, 2);
    EXPECT_LE(compile(forest).trees[0].leaf_count, 1u << 16);
}

TEST(BitsliceProgram, ALargeChainIsCutAtItsLeaves) {
    const Forest forest =
        test::random_forest({.trees = 1, .features = 1000, .leaves = 1024, .growth = chain}, 2);
    const BitsliceProgram program = compile(forest);
    EXPECT_EQ(program.code[0], 1023u);
    EXPECT_EQ(program.trees[0].leaf_count, 1024u);
}

TEST(BitsliceProgram, TreesOfTooManyCutsAreEvaluatedBySelects) {
    const Forest forest =
        test::random_forest({.trees = 1, .features = 1000, .leaves = 9'000, .growth = random}, 2);
    const BitsliceProgram program = compile(forest);
    EXPECT_LT(program.slots, kFirstTestSlot + program.tests->tests.size() + 256);
}

/// A copy at the end, were it as small as here, would need the room of both.
TEST(BitsliceProgram, OfManyNodesIsNeverCopied) {
    const Forest forest = test::random_forest({.trees = 3}, 2);
    const std::vector<std::uint32_t> columns = shifted_columns(forest);
    const auto room = [&](std::uint64_t nodes) {
        BitsliceCompiler compiler({.evaluation = forest,
                                   .columns = columns,
                                   .tests = compile(forest).tests,
                                   .trees = 3,
                                   .nodes = nodes});
        for (std::size_t i = 0; i < forest.trees(); ++i) {
            compiler.take(forest.tree(i));
        }
        const BitsliceProgram program = compiler.finish();
        return program.code.capacity() + program.leaves.capacity();
    };
    EXPECT_GE(room(kLargeProgramNodes + 1), 2 * kLargeProgramNodes);
    EXPECT_LT(room(kLargeProgramNodes), 10'000u);
}

TEST(BitsliceProgram, TreesThatNeedNotBeInMemoryTogetherGiveTheSameProgram) {
    const Forest forest = test::random_forest({.trees = 30, .arithmetic = Arithmetic::float64}, 2);
    const BitsliceProgram whole = compile(forest);
    const std::vector<std::uint32_t> columns = shifted_columns(forest);
    BitsliceCompiler compiler({.evaluation = forest,
                               .columns = columns,
                               .tests = whole.tests,
                               .trees = 20,
                               .nodes = forest.nodes.size()});
    for (std::size_t i = 0; i < forest.trees(); ++i) {
        const Tree tree = forest.tree(i);
        std::vector<TreeNode> nodes(tree.nodes.begin(), tree.nodes.end());
        compiler.take({nodes, tree.leaves});
    }
    const BitsliceProgram streamed = compiler.finish();
    ASSERT_EQ(streamed.trees.size(), 20u);
    EXPECT_TRUE(
        std::ranges::equal(streamed.code, std::span(whole.code).first(streamed.code.size())));
}

TEST(BitsliceProgram, CodesOfMoreThanSixteenBitsAreAModelError) {
    const Forest forest = test::random_forest({.trees = 1, .leaves = 70'000}, 2);
    EXPECT_THAT(
        test::expect_error(util::ErrorKind::model, [&] { static_cast<void>(compile(forest)); }),
        testing::HasSubstr("98304 leaf codes"));
}

TEST(BitsliceProgram, ACompleteTreeOfDepthFiveIsOneBlock) {
    const Forest forest = test::random_forest({.trees = 1, .features = 1000, .leaves = 32}, 2);
    const BitsliceProgram program = compile(forest);
    ASSERT_EQ(program.code.size(), 1u + 5u + 31u);
    EXPECT_EQ(program.code[0], kBlock + 5);
    EXPECT_EQ(program.trees[0].bit_count, 5u);
    EXPECT_EQ(program.leaves.size(), 32u + kLeafPadding);
}

}  // namespace
}  // namespace erawise::infer
