#include "infer/formats/lightgbm_model.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <sstream>

#include "infer/bitslice/predictor.h"
#include "infer/formats/model_reader.h"
#include "infer/random_forests.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::infer {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::filesystem::path fixture(std::string_view name) {
    return std::filesystem::path(ERAWISE_SOURCE_DIR) / "tests/fixtures/lightgbm" / name;
}

using Rows = std::vector<std::vector<float>>;

/// The rows of a fixture as the decoders give them: float32, NaN for nothing.
Rows fixture_rows(std::string_view name) {
    std::istringstream text(test::read_file(fixture(name)));
    Rows rows;
    std::string line;
    std::getline(text, line);
    const auto columns = 1 + static_cast<std::size_t>(std::ranges::count(line, ','));
    while (std::getline(text, line)) {
        std::istringstream fields(line);
        std::vector<float>& row = rows.emplace_back();
        for (std::string field; std::getline(fields, field, ',');) {
            row.push_back(field.empty() ? kNaN : std::stof(field));
        }
        row.resize(columns, kNaN);
    }
    return rows;
}

std::vector<double> fixture_predictions(std::string_view name) {
    std::istringstream text(test::read_file(fixture(fmt::format("{}.predictions.txt", name))));
    std::vector<double> predictions;
    for (std::string number; text >> number;) {
        predictions.push_back(std::stod(number));
    }
    return predictions;
}

enum class Form : std::uint8_t { coded, plain };

/// Columns of at most 16 values become coded when that is asked for.
era::EraBatch batch_of(const Rows& rows, Form form) {
    const std::size_t columns = rows.front().size();
    std::vector<std::vector<float>> levels(columns);
    const auto is_same = [](float a, float b) {
        return a == b || (std::isnan(a) && std::isnan(b));
    };
    auto layout = std::make_shared<era::BlockLayout>();
    for (std::size_t column = 0; column < columns; ++column) {
        for (const auto& row : rows) {
            if (std::ranges::none_of(levels[column],
                                     [&](float level) { return is_same(level, row[column]); })) {
                levels[column].push_back(row[column]);
            }
        }
        const bool is_coded = form == Form::coded && levels[column].size() <= era::kMaxLevels;
        layout->add(is_coded ? era::ColumnForm::coded : era::ColumnForm::plain, is_coded ? 4 : 0);
    }
    era::EraBatch batch((rows.size() / era::kBlockRows + 1) * layout->block_bytes);
    batch.reset(layout, "era1");
    for (std::size_t row = 0; row < rows.size(); ++row) {
        batch.ids.push_back("id");
    }
    for (std::size_t column = 0; column < columns; ++column) {
        const bool is_coded = layout->columns[column].form == era::ColumnForm::coded;
        if (is_coded) {
            batch.levels[column].count = static_cast<std::uint8_t>(levels[column].size());
            std::ranges::copy(levels[column], batch.levels[column].values.begin());
        }
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const float value = rows[row][column];
            const std::size_t block = row / era::kBlockRows;
            const std::size_t at = row % era::kBlockRows;
            if (!is_coded) {
                batch.values(block, column)[at] = value;
                continue;
            }
            const auto found = std::ranges::find_if(
                levels[column], [&](float level) { return is_same(level, value); });
            const auto code = static_cast<std::uint64_t>(found - levels[column].begin());
            for (unsigned p = 0; p < 4; ++p) {
                batch.planes(block, column)[p * 8 + at / 64] |= ((code >> p) & 1) << (at % 64);
            }
        }
    }
    return batch;
}

std::vector<double> predict(const Forest& forest, const era::EraBatch& batch) {
    std::vector<std::uint32_t> columns(forest.num_feature);
    std::iota(columns.begin(), columns.end(), 0u);
    const auto predictor = make_bitslice_predictor(
        ForestUse{.forest = &forest, .trees = forest.trees(), .columns = columns});
    EXPECT_EQ(predictor->arithmetic(), forest.arithmetic);
    const auto workspace = predictor->make_workspace();
    std::vector<double> predictions(batch.blocks() * era::kBlockRows);
    for (std::size_t block = 0; block < batch.blocks(); ++block) {
        workspace->load(batch, block);
        predictor->predict(*workspace, std::span(predictions).subspan(block * era::kBlockRows));
    }
    predictions.resize(batch.rows());
    return predictions;
}

std::vector<double> walk_all(const Forest& forest, const Rows& rows) {
    std::vector<double> predictions;
    for (const auto& row : rows) {
        predictions.push_back(walk(forest, row));
    }
    return predictions;
}

void expect_same_bits(const std::vector<double>& got, const std::vector<double>& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        ASSERT_EQ(std::bit_cast<std::uint64_t>(got[i]), std::bit_cast<std::uint64_t>(expected[i]))
            << fmt::format("row {}: {} for {}", i, got[i], expected[i]);
    }
}

struct Fixture {
    const char* name;
    const char* rows;
};

class LightgbmFixture : public testing::TestWithParam<Fixture> {};

/// LightGBM is the truth for the walk, and the walk for every kernel.
TEST_P(LightgbmFixture, PredictsWhatTheLibraryPredicted) {
    const ModelDescription model =
        read_model_description(fixture(fmt::format("{}.txt", GetParam().name)));
    EXPECT_EQ(model.format, ModelFormat::lightgbm);
    EXPECT_EQ(model.num_feature, 60u);
    EXPECT_EQ(model.feature_names.size(), 60u);
    const Forest forest = read_forest(model);
    const Rows rows = fixture_rows(GetParam().rows);
    ASSERT_EQ(rows.size(), 250u);
    const std::vector<double> truth = fixture_predictions(GetParam().name);
    ASSERT_NO_FATAL_FAILURE(expect_same_bits(walk_all(forest, rows), truth));
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        hwy::SetSupportedTargetsForTest(target);
        for (const Form form : {Form::coded, Form::plain}) {
            SCOPED_TRACE(testing::Message()
                         << hwy::TargetName(target) << " form " << static_cast<int>(form));
            expect_same_bits(predict(forest, batch_of(rows, form)), truth);
        }
    }
    hwy::SetSupportedTargetsForTest(0);
}

INSTANTIATE_TEST_SUITE_P(
    All, LightgbmFixture,
    testing::Values(Fixture{"regression", "rows.csv"}, Fixture{"binary", "rows.csv"},
                    Fixture{"dart", "rows.csv"}, Fixture{"categorical", "rows.csv"},
                    Fixture{"deep", "rows.csv"}, Fixture{"forest", "rows.csv"},
                    Fixture{"float", "rows_float.csv"}, Fixture{"missing_nan", "rows_missing.csv"},
                    Fixture{"missing_zero", "rows_missing.csv"},
                    Fixture{"no_missing_handling", "rows_missing.csv"}),
    [](const auto& fixture_info) { return std::string(fixture_info.param.name); });

TEST(LightgbmModel, SeveralValuesPerRowAreAModelError) {
    const std::string message = expect_error(util::ErrorKind::model, [] {
        static_cast<void>(read_model_description(fixture("multiclass.txt")));
    });
    EXPECT_THAT(message, HasSubstr("5 values per row"));
    EXPECT_THAT(message, HasSubstr("line 3 of"));
}

/// What LightGBM does with a number at a split, in float64 and by its own words.
bool lightgbm_goes_left(const LightgbmSplit& split, double x) {
    constexpr double kZero = kZeroThreshold;
    using enum LightgbmSplit::Missing;
    if (std::abs(x) <= kZero) {
        x = 0;  // the reader of a row drops it
    }
    if (std::isnan(x) && split.missing != nan) {
        x = 0;
    }
    if ((split.missing == zero && std::abs(x) <= kZero) ||
        (split.missing == nan && std::isnan(x))) {
        return split.default_left;
    }
    return x <= split.threshold;
}

/// The proof of to_split(): around every threshold, for all float32 neighbours.
TEST(LightgbmSplit, SendsEveryFloat32TheWayOfItsFloat64Threshold) {
    std::mt19937_64 generator(1);
    std::vector<double> thresholds = {0.0,
                                      -0.0,
                                      1e300,
                                      -1e300,
                                      3.4028234663852886e38,
                                      -3.4028234663852886e38,
                                      3.4028235677973366e38,
                                      1e-35,
                                      -1e-35,
                                      1.0000000180025095e-35,
                                      -1.0000000180025095e-35,
                                      5e-36,
                                      -5e-36,
                                      1e-45,
                                      -1e-45,
                                      0.62500000000000011,
                                      2.5000000000000004,
                                      1e-310,
                                      std::numeric_limits<double>::infinity(),
                                      -std::numeric_limits<double>::infinity()};
    for (int i = 0; i < 200'000; ++i) {
        const auto exponent = static_cast<int>(generator() % 300) - 150;
        const double mantissa = std::ldexp(static_cast<double>(generator() >> 11), -53);
        thresholds.push_back(std::ldexp(generator() % 2 ? mantissa : -mantissa, exponent));
        thresholds.push_back(static_cast<float>(thresholds.back()));  // exact in float32
    }
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    using enum LightgbmSplit::Missing;
    for (const double threshold : thresholds) {
        const float x = std::abs(threshold) < 3e38 ? static_cast<float>(threshold) : 3e38F;
        const float around[] = {x, std::nextafter(x, kInfinity), std::nextafter(x, -kInfinity), -x};
        const float special[] = {0.0F,   -0.0F,         kZeroThreshold, -kZeroThreshold,
                                 1e-36F, -1e-36F,       kInfinity,      -kInfinity,
                                 kNaN,   3.4028235e38F, -3.4028235e38F};
        for (const auto missing : {none, zero, nan}) {
            for (const bool default_left : {false, true}) {
                const LightgbmSplit split{threshold, default_left, missing};
                const TreeNode node = to_split(split);
                const auto check = [&](float value) {
                    ASSERT_EQ(goes_left(node, value), lightgbm_goes_left(split, value))
                        << fmt::format("threshold {} x {} missing {} default left {}", threshold,
                                       value, static_cast<int>(missing), default_left);
                };
                for (const float value : around) {
                    ASSERT_NO_FATAL_FAILURE(check(value));
                }
                for (const float value : special) {
                    ASSERT_NO_FATAL_FAILURE(check(value));
                }
            }
        }
    }
}

/// A model of two trees: a stump and a single leaf.
std::string small_model() {
    return "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
           "max_feature_idx=1\nobjective=regression\nfeature_names=feature_a feature_b\n"
           "feature_infos=[0:4] [0:4]\ntree_sizes=100 50\n\n"
           "Tree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=1\nsplit_gain=1\nthreshold=0.5\n"
           "decision_type=2\nleft_child=-1\nright_child=-2\nleaf_value=0.1 0.2\n"
           "leaf_weight=1 1\nis_linear=0\nshrinkage=1\n\n\n"
           "Tree=1\nnum_leaves=1\nnum_cat=0\nsplit_feature=\nsplit_gain=\nthreshold=\n"
           "decision_type=\nleft_child=\nright_child=\nleaf_value=0.25\nshrinkage=1\n\n\n"
           "end of trees\n\nfeature_importances:\nfeature_b=1\n\nparameters:\n[boosting: gbdt]\n"
           "end of parameters\n\npandas_categorical:null\n";
}

class LightgbmText : public testing::Test {
  protected:
    [[nodiscard]] ModelDescription read(std::string_view text) const {
        return read_model_description(folder_.write("m.txt", text));
    }
    /// The small model with one piece in the place of another.
    [[nodiscard]] static std::string changed(std::string_view from, std::string_view to) {
        std::string text = small_model();
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return text.replace(at, from.size(), to);
    }
    [[nodiscard]] std::string error_of(std::string_view from, std::string_view to) const {
        return expect_error(util::ErrorKind::model,
                            [&] { static_cast<void>(read(changed(from, to))); });
    }
    [[nodiscard]] double predict(std::string_view text, std::vector<float> row) const {
        return walk(read_forest(read(text)), row);
    }
    test::TemporaryFolder folder_;
};

TEST_F(LightgbmText, DescribesTheModel) {
    const ModelDescription model = read(small_model());
    EXPECT_EQ(model.format, ModelFormat::lightgbm);
    EXPECT_EQ(model.booster, "lightgbm");
    EXPECT_EQ(model.objective, "regression");
    EXPECT_EQ(model.num_feature, 2u);
    EXPECT_THAT(model.feature_names, ElementsAre("feature_a", "feature_b"));
    EXPECT_EQ(model.trees, 2u);
    EXPECT_EQ(model.nodes, 4u);
    EXPECT_EQ(model.max_leaves, 2u);
    EXPECT_EQ(model.distinct_tests, 1u);
    EXPECT_EQ(forest_objection(model), "");
    EXPECT_EQ(predict(small_model(), {0, 0.5F}), 0.1 + 0.25);
    EXPECT_EQ(predict(small_model(), {0, 0.50000006F}), 0.2 + 0.25);
}

TEST_F(LightgbmText, VersionThreeAndLinesWithCarriageReturnsAreTheSame) {
    EXPECT_EQ(predict(changed("version=v4", "version=v3"), {0, 1}), 0.2 + 0.25);
    std::string text = small_model();
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
        text.replace(at, 1, "\r\n");
    }
    EXPECT_EQ(predict(text, {0, 1}), 0.2 + 0.25);
    EXPECT_THAT(read(text).feature_names, ElementsAre("feature_a", "feature_b"));
}

TEST_F(LightgbmText, NamesThatLightgbmMadeUpAreNone) {
    const std::string_view names = "feature_names=feature_a feature_b";
    EXPECT_TRUE(read(changed(names, "feature_names=Column_0 Column_1")).feature_names.empty());
    EXPECT_EQ(read(changed(names, "feature_names=Column_1 Column_0")).feature_names.size(), 2u);
}

TEST_F(LightgbmText, ObjectivesHaveTheirLinks) {
    const double raw = 0.2 + 0.25;
    const std::pair<const char*, double> cases[] = {
        {"objective=regression_l1", raw},
        {"objective=quantile alpha:0.9", raw},
        {"objective=lambdarank", raw},
        {"objective=regression sqrt", raw * raw},
        {"objective=binary sigmoid:2", 1.0 / (1.0 + std::exp(-2.0 * raw))},
        {"objective=cross_entropy", 1.0 / (1.0 + std::exp(-raw))},
        {"objective=cross_entropy_lambda", std::log1p(std::exp(raw))},
        {"objective=poisson", std::exp(raw)},
        {"objective=tweedie tweedie_variance_power:1.5", std::exp(raw)},
        {"objective=regression\naverage_output", raw / 2},
        {"", raw},
    };
    for (const auto& [line, expected] : cases) {
        EXPECT_EQ(predict(changed("objective=regression", line), {0, 1}), expected) << line;
    }
}

TEST_F(LightgbmText, WhatCannotBePredictedIsAModelErrorThatSaysWhy) {
    EXPECT_THAT(error_of("is_linear=0", "is_linear=1"), HasSubstr("linear leaves"));
    EXPECT_THAT(error_of("is_linear=0", "is_linear=1"), HasSubstr("line 23 of"));
    EXPECT_THAT(error_of("num_cat=0", "num_cat=1"), HasSubstr("categories"));
    EXPECT_THAT(error_of("decision_type=2", "decision_type=1"), HasSubstr("decision_type 1"));
    EXPECT_THAT(error_of("num_class=1", "num_class=3"), HasSubstr("3 values per row"));
    EXPECT_THAT(error_of("objective=regression", "objective=multiclassova"),
                HasSubstr("multiclassova"));
    EXPECT_THAT(error_of("version=v4", "version=v2"), HasSubstr("'v2'"));
    EXPECT_THAT(error_of("version=v4", "version=v5"), HasSubstr("v3 and v4"));
}

TEST_F(LightgbmText, WhatDoesNotFitIsAModelErrorWithTheLine) {
    EXPECT_THAT(error_of("threshold=0.5", "threshold=0.5 0.6"), HasSubstr("line 17 of"));
    EXPECT_THAT(error_of("threshold=0.5", "threshold=half"), HasSubstr("'half' is no number"));
    EXPECT_THAT(error_of("threshold=0.5", "threshold="), HasSubstr("0 thresholds"));
    EXPECT_THAT(error_of("threshold=0.5", "threshold=nan"), HasSubstr("threshold nan"));
    EXPECT_THAT(error_of("split_feature=1", "split_feature=2"), HasSubstr("feature 2 of 2"));
    EXPECT_THAT(error_of("left_child=-1", "left_child=0"), HasSubstr("no tree"));
    EXPECT_THAT(error_of("left_child=-1", "left_child=1"), HasSubstr("the child 1"));
    EXPECT_THAT(error_of("left_child=-1", "left_child=-3"), HasSubstr("the child -3"));
    EXPECT_THAT(error_of("left_child=-1", "left_child=-2147483648"), HasSubstr("the child"));
    EXPECT_THAT(error_of("leaf_value=0.1 0.2", "leaf_value=0.1"), HasSubstr("1 leaf values"));
    EXPECT_THAT(error_of("num_leaves=2", "num_leaves=0"), HasSubstr("between 1 and"));
    EXPECT_THAT(error_of("num_leaves=2", "num_leaves=999999999"), HasSubstr("between 1 and"));
    EXPECT_THAT(error_of("num_leaves=2\n", ""), HasSubstr("line 14 of"));
    EXPECT_THAT(error_of("Tree=1", "Tree=2"), HasSubstr("tree 1 should follow"));
    EXPECT_THAT(error_of("max_feature_idx=1", "max_feature_idx=2"), HasSubstr("2 feature names"));
    EXPECT_THAT(error_of("max_feature_idx=1\n", ""), HasSubstr("max_feature_idx"));
    EXPECT_THAT(error_of("tree_sizes=100 50", "tree_sizes=100 50 50"), HasSubstr("3 trees"));
    EXPECT_THAT(error_of("end of trees", "end of tree"), HasSubstr("cut off"));
}

TEST_F(LightgbmText, TruncatedAnywhereIsAModelError) {
    const std::string whole = small_model();
    const std::size_t end = whole.find("end of trees") + std::string_view("end of trees").size();
    for (std::size_t size = 5; size < end; ++size) {
        SCOPED_TRACE(size);
        expect_error(util::ErrorKind::model,
                     [&] { static_cast<void>(read(std::string_view(whole).substr(0, size))); });
    }
}

TEST_F(LightgbmText, LongLinesDoNotTakeLongMemory) {
    const std::string spaces(1'000'000, ' ');
    const std::string letters(1'000'000, 'x');
    EXPECT_EQ(read(changed("split_gain=1", "split_gain=" + spaces + letters)).trees, 2u);
    EXPECT_EQ(read(changed("label_index=0", letters)).trees, 2u);
    EXPECT_THAT(error_of("feature_a", letters), HasSubstr("too long"));
    EXPECT_THAT(error_of("threshold=0.5", "threshold=" + letters), HasSubstr("no number"));
}

TEST_F(LightgbmText, TreesAreTheSameWhateverStandsAcrossTheBuffersEnd) {
    for (std::size_t padding = 262'000; padding < 262'150; ++padding) {
        const std::string text =
            changed("label_index=0", "label=" + std::string(padding - 100, 'x'));
        ASSERT_EQ(predict(text, {0, 1}), 0.2 + 0.25) << padding;
    }
}

}  // namespace
}  // namespace erawise::infer
