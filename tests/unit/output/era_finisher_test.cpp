#include "output/era_finisher.h"

#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "era/number_pieces.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::output {
namespace {

using test::expect_error;
using test::read_file;
using test::TemporaryFolder;
using testing::DoubleNear;
using testing::HasSubstr;
using Kind = TransformStep::Kind;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// A batch with plain columns, given row by row.
era::EraBatch batch_of(std::string_view label, std::initializer_list<std::string_view> ids,
                       const std::vector<std::vector<float>>& rows = {}) {
    auto layout = std::make_shared<era::BlockLayout>();
    for (std::size_t column = 0; !rows.empty() && column < rows.front().size(); ++column) {
        layout->add(era::ColumnForm::plain, 0);
    }
    era::EraBatch batch(std::max<std::size_t>(64, layout->block_bytes));
    batch.reset(layout, label);
    for (const std::string_view id : ids) {
        batch.ids.push_back(id);
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (std::size_t column = 0; column < rows[row].size(); ++column) {
            batch.values(0, column)[row] = rows[row][column];
        }
    }
    return batch;
}

/// Targets as a decoder gives them, each in three columns, and features behind them.
std::vector<std::vector<float>> with_targets(const std::vector<double>& targets,
                                             const std::vector<std::vector<float>>& features = {}) {
    std::vector<std::vector<float>> rows;
    for (std::size_t row = 0; row < targets.size(); ++row) {
        rows.push_back({era::piece_of(targets[row], era::Piece::high),
                        era::piece_of(targets[row], era::Piece::middle),
                        era::piece_of(targets[row], era::Piece::low)});
        if (!features.empty()) {
            rows[row].insert(rows[row].end(), features[row].begin(), features[row].end());
        }
    }
    return rows;
}

/// The prediction of row `id` in a CSV text.
double value_of(const std::string& text, const std::string& id) {
    const std::string begin = "\n" + id + ",";
    return std::stod(text.substr(text.find(begin) + begin.size()));
}

/// Outputs that write to a folder.
class Finisher : public testing::Test {
  protected:
    EraOutput& output(std::string name, std::vector<Member> members, Transforms transforms = {}) {
        writers_.push_back(std::make_unique<PredictionWriter>(
            WriterOptions{.path = folder_ / name, .precision = Precision::float64}));
        return outputs_.emplace_back(EraOutput{.name = std::move(name),
                                               .members = std::move(members),
                                               .transforms = std::move(transforms),
                                               .writer = writers_.back().get()});
    }
    void start(std::size_t models, EraFinisherOptions options = {}) {
        models_ = models;
        finisher_ = std::make_unique<EraFinisher>(outputs_, models, std::move(options));
    }
    void add(const era::EraBatch& batch, const std::vector<std::vector<double>>& predictions) {
        const std::vector<std::span<const double>> spans(predictions.begin(), predictions.end());
        finisher_->add(batch, spans);
    }
    std::string finished(std::string_view name) {
        finisher_->finish();
        for (std::size_t i = 0; i < outputs_.size(); ++i) {
            if (outputs_[i].name == name) {
                writers_[i]->finish();
            }
        }
        return read_file(folder_ / name);
    }

    TemporaryFolder folder_;
    std::vector<std::unique_ptr<PredictionWriter>> writers_;
    std::vector<EraOutput> outputs_;
    std::size_t models_ = 1;
    std::unique_ptr<EraFinisher> finisher_;
};

TEST_F(Finisher, OneModelAsItIsPassesThrough) {
    output("a", {{0}});
    start(1);
    add(batch_of("1", {"a", "b"}), {{3, -7}});
    EXPECT_EQ(finished("a"), "id,prediction\na,3\nb,-7\n");
}

TEST_F(Finisher, RanksAnEraThatComesInSeveralBatches) {
    output("a", {{0}}, {{.kind = Kind::rank}});
    start(1);
    add(batch_of("era1", {"a", "b"}), {{3, 1}});
    add(batch_of("era1", {"c", "d"}), {{4, 2}});
    add(batch_of("era2", {"e"}), {{9}});
    EXPECT_EQ(finished("a"), "id,prediction\na,0.625\nb,0.125\nc,0.875\nd,0.375\ne,0.5\n");
}

TEST_F(Finisher, GaussIsTheQuantileOfTheRankWithUnitDeviation) {
    output("a", {{0}}, {{.kind = Kind::gauss}});
    start(1);
    add(batch_of("1", {"a", "b", "c"}), {{10, 30, 20}});
    // norm.ppf(1/6) = -0.967...; divided by the deviation of (-x, 0, x), which is x sqrt(2/3).
    const std::string text = finished("a");
    EXPECT_NEAR(value_of(text, "a"), -std::sqrt(1.5), 1e-12);
    EXPECT_THAT(text, HasSubstr("c,0\n"));
}

TEST_F(Finisher, EnsembleIsTheWeightedMeanOfRanks) {
    output("a", {{0, 3}, {1, 1}});
    start(2);
    add(batch_of("1", {"a", "b"}), {{1, 2}, {200, 100}});
    EXPECT_EQ(finished("a"), "id,prediction\na,0.375\nb,0.625\n");
}

TEST_F(Finisher, EnsembleOfGaussiansWeighsTails) {
    output("a", {{0}, {1}}).blend = Blend::gauss;
    start(2);
    add(batch_of("1", {"a", "b", "c", "d"}), {{1, 2, 3, 4}, {1, 2, 3, 4}});
    const std::string text = finished("a");
    EXPECT_NEAR(value_of(text, "d"), 1.3628953595136533, 1e-12);
}

TEST_F(Finisher, OutputsShareModelsAndTheEra) {
    output("one", {{0}}, {{.kind = Kind::rank}});
    output("both", {{0}, {1}}, {{.kind = Kind::rank}});
    output("raw", {{1}});
    start(2);
    add(batch_of("1", {"a", "b", "c"}), {{1, 2, 3}, {5, 9, 8}});
    EXPECT_EQ(finished("both"),
              "id,prediction\na,0.16666666666666666\nb,0.6666666666666666\nc,0.6666666666666666\n");
    EXPECT_EQ(finished("one"),
              "id,prediction\na,0.16666666666666666\nb,0.5\nc,0.8333333333333334\n");
    EXPECT_EQ(finished("raw"), "id,prediction\na,5\nb,9\nc,8\n");
}

TEST_F(Finisher, NeutralizesWithinTheEra) {
    output("a", {{0}}, {{.kind = Kind::neutralize, .feature_set = "tiny"}});
    start(1, {.feature_sets = {{"tiny", {{"f", 0}}}}});
    add(batch_of("1", {"a", "b", "c"}, {{0}, {1}, {2}}), {{1, 3, 2}});
    add(batch_of("2", {"d", "e", "f"}, {{1}, {0}, {2}}), {{7, 5, 6}});
    const std::string text = finished("a");
    EXPECT_NEAR(value_of(text, "a"), -0.5, 1e-12);
    EXPECT_NEAR(value_of(text, "b"), 1, 1e-12);
    EXPECT_NEAR(value_of(text, "c"), -0.5, 1e-12);
    EXPECT_NEAR(value_of(text, "d"), 1, 1e-12);
    EXPECT_NEAR(value_of(text, "e"), -0.5, 1e-12);
}

TEST_F(Finisher, AnEraThatNeutralisingLeavesNothingOfEndsAFileAlone) {
    const Transforms neutralized = {{.kind = Kind::neutralize, .feature_set = "two"},
                                    {.kind = Kind::rank}};
    output("neutral", {{0}}, neutralized);
    output("ranked", {{0}}, {{.kind = Kind::rank}});
    start(1, {.feature_sets = {{"two", {{"f", 0}, {"g", 1}}}}});
    add(batch_of("0007", {"a", "b"}, {{0, 1}, {1, 1}}), {{5, 9}});
    EXPECT_EQ(finished("ranked"), "id,prediction\na,0.25\nb,0.75\n");
    ASSERT_TRUE(outputs_[0].error);
    EXPECT_EQ(outputs_[0].error->kind(), util::ErrorKind::data);
    EXPECT_THAT(outputs_[0].error->what(),
                testing::AllOf(HasSubstr("era '0007'"), HasSubstr("2 rows"),
                               HasSubstr("2 features"), HasSubstr("'two'")));
}

TEST_F(Finisher, OneLineThroughAllPointsLeavesNothing) {
    output("neutral", {{0}}, {{.kind = Kind::neutralize, .feature_set = "one"}});
    start(1, {.feature_sets = {{"one", {{"f", 0}}}}});
    add(batch_of("1", {"a", "b", "c"}, {{0}, {1}, {2}}), {{5, 7, 9}});
    EXPECT_THAT(expect_error(util::ErrorKind::model, [&] { finisher_->finish(); }),
                HasSubstr("rounding noise"));
}

TEST_F(Finisher, NotANumberCannotBeRankedAndStopsItsOutputAlone) {
    output("bad", {{0}}, {{.kind = Kind::rank}});
    output("good", {{1}}, {{.kind = Kind::rank}});
    start(2);
    add(batch_of("era1", {"row7"}), {{kMissing}, {1}});
    EXPECT_EQ(finished("good"), "id,prediction\nrow7,0.5\n");
    ASSERT_TRUE(outputs_[0].error);
    EXPECT_THAT(outputs_[0].error->what(), HasSubstr("row7"));
}

TEST_F(Finisher, TheLastOutputsErrorIsThrown) {
    output("bad", {{0}}, {{.kind = Kind::rank}});
    start(1);
    expect_error(util::ErrorKind::model, [&] { add(batch_of("1", {"a"}), {{kMissing}}); });
}

TEST_F(Finisher, AModelThatFailedEndsTheOutputsThatUseIt) {
    output("both", {{0}, {1}});
    output("second", {{1}}, {{.kind = Kind::rank}});
    start(2);
    add(batch_of("1", {"a", "b"}), {{1, 2}, {1, 2}});
    add(batch_of("2", {"c", "d"}), {{}, {7, 5}});
    EXPECT_EQ(finished("second"), "id,prediction\na,0.25\nb,0.75\nc,0.75\nd,0.25\n");
    EXPECT_EQ(writers_[0]->rows(), 2u) << "no era after the failure";
}

TEST_F(Finisher, EraBeyondThePlanIsAMemoryErrorWithTheNumber) {
    output("a", {{0}}, {{.kind = Kind::rank}});
    start(1, {.era_memory_bytes = 1000});
    const era::EraBatch batch = batch_of("era1", {"a", "b", "c", "d", "e", "f", "g", "h"});
    const std::string message = expect_error(util::ErrorKind::memory, [&] {
        for (int i = 0; i < 20; ++i) {
            add(batch, {std::vector<double>(8, 1.0)});
        }
    });
    EXPECT_THAT(message, HasSubstr("era1"));
    EXPECT_THAT(message, HasSubstr("1000 B"));
}

TEST_F(Finisher, HeldErasTakeWhatThePlanExpects) {
    EXPECT_EQ(EraFinisher::expected_bytes(outputs_, 0, {}, 7000), 0u);
    output("raw", {{0}});
    EXPECT_EQ(EraFinisher::expected_bytes(outputs_, 1, {}, 7000), 0u) << "nothing is held";
    output("ranked", {{0}}, {{.kind = Kind::rank}});
    EXPECT_GE(EraFinisher::expected_bytes(outputs_, 1, {}, 7000), 7000u * (16 + 4 + 8 + 8 + 8 + 4));
}

TEST_F(Finisher, ScoresWhatWasPredictedAgainstTheTargets) {
    outputs_.push_back({.name = "a", .members = {{0}}, .is_scored = true});
    start(1, {.target_column = 0});
    add(batch_of("1", {"a", "b", "c", "d"}, with_targets({0, .25, .75, 1})), {{1, 2, 3, 4}});
    add(batch_of("2", {"e", "f"}, with_targets({kMissing, kMissing})), {{1, 2}});
    add(batch_of("3", {"g", "h", "i"}, with_targets({0, .5, 1})), {{3, 2, 1}});
    finisher_->finish();
    const auto& scores = outputs_[0].scores;
    ASSERT_EQ(scores.size(), 3u);
    EXPECT_THAT(scores[0].corr, testing::Optional(DoubleNear(0.98103323479514459, 1e-9)));
    EXPECT_EQ(scores[1].era, "2");
    EXPECT_FALSE(scores[1].corr) << "its targets are not known yet";
    EXPECT_THAT(scores[2].corr, testing::Optional(DoubleNear(-1, 1e-12)));
    EXPECT_EQ(scores[2].rows, 3u);
}

/// What a file says: of the ids that it has.
ValuesById file_of(std::map<std::string, double, std::less<>> values) {
    return [values = std::move(values)](const era::RowIds& ids, std::span<double> found) {
        for (std::size_t row = 0; row < ids.size(); ++row) {
            const auto value = values.find(ids[row]);
            found[row] = value == values.end() ? kMissing : value->second;
        }
    };
}

ValuesById damaged_file() {
    return [](const era::RowIds& ids, std::span<double>) {
        throw util::Error(util::ErrorKind::data, "damaged at " + std::string(ids[0]));
    };
}

/// A file of which the ids that were asked for are noted.
ValuesById noting_file(std::vector<std::string>& asked) {
    return [&asked](const era::RowIds& ids, std::span<double> found) {
        for (std::size_t row = 0; row < ids.size(); ++row) {
            asked.emplace_back(ids[row]);
            found[row] = double(row);
        }
    };
}

TEST_F(Finisher, PredictionsThatAreNotThereAreNoErrorWhereAFileIsScored) {
    outputs_.push_back({.name = "a", .members = {{0}}, .is_scored = true});
    start(0, {.target_column = 0,
              .joined = {file_of({{"c", 1}, {"d", 2}, {"e", 3}, {"f", 4}, {"g", 5}, {"i", 1}})}});
    add(batch_of("1", {"a", "b"}, with_targets({0, 1})), {});
    add(batch_of("2", {"c", "d", "e", "f", "g", "h"}, with_targets({0, .25, .5, .75, 1, 1})), {});
    add(batch_of("3", {"i", "j", "k"}, with_targets({0, .5, 1})), {});
    finisher_->finish();
    const auto& scores = outputs_[0].scores;
    ASSERT_EQ(scores.size(), 2u) << "an era without predictions is none";
    EXPECT_EQ(scores[0].rows, 5u);
    EXPECT_TRUE(scores[0].corr);
    EXPECT_FALSE(scores[1].corr) << "more than a fifth is missing";
}

TEST_F(Finisher, WhatIsJoinedIsASourceBehindTheModels) {
    output("alone", {{1}});
    output("mixed", {{0}, {1}});
    start(1, {.joined = {file_of({{"a", 7}, {"b", 5}, {"c", 6}})}});
    add(batch_of("1", {"a", "b"}), {{1, 2}});
    add(batch_of("1", {"c"}), {{3}});
    EXPECT_EQ(finished("alone"), "id,prediction\na,7\nb,5\nc,6\n");
    writers_[1]->finish();
    EXPECT_NEAR(value_of(read_file(folder_ / "mixed"), "a"), (1.0 / 6 + 5.0 / 6) / 2, 1e-15);
}

TEST_F(Finisher, EachRowIsAskedForOnceInItsOrder) {
    std::vector<std::string> asked;
    output("a", {{0}});
    output("b", {{0}}, {{.kind = Kind::rank}});
    start(0, {.joined = {noting_file(asked)}});
    add(batch_of("1", {"z", "a"}), {});
    add(batch_of("1", {"m"}), {});
    finisher_->finish();
    EXPECT_THAT(asked, testing::ElementsAre("z", "a", "m"));
}

TEST_F(Finisher, AFileThatFailsEndsTheOutputsThatUseIt) {
    output("bad", {{1}});
    output("worse", {{0}, {1}});
    output("good", {{0}}, {{.kind = Kind::rank}});
    start(1, {.joined = {damaged_file()}});
    add(batch_of("1", {"a", "b"}), {{2, 1}});
    EXPECT_EQ(finished("good"), "id,prediction\na,0.75\nb,0.25\n");
    ASSERT_TRUE(outputs_[0].error && outputs_[1].error);
    EXPECT_STREQ(outputs_[1].error->what(), "damaged at a");
    EXPECT_FALSE(outputs_[2].error);
}

TEST_F(Finisher, AFileThatNobodyNeedsAnyMoreIsNotRead) {
    std::vector<std::string> asked;
    output("bad", {{0}, {1}});
    output("good", {{2}});
    start(1, {.joined = {noting_file(asked), file_of({{"a", 1}, {"b", 2}})}});
    add(batch_of("1", {"a"}), {{kMissing}});  // cannot be ranked
    add(batch_of("1", {"b"}), {{3}});
    EXPECT_EQ(finished("good"), "id,prediction\na,1\nb,2\n");
    EXPECT_THAT(asked, testing::ElementsAre("a"));
}

TEST_F(Finisher, AMissingFeatureEndsTheOutputsThatNeutraliseOnIt) {
    output("bad", {{0}}, {{.kind = Kind::neutralize, .feature_set = "holes"}});
    output("good", {{0}}, {{.kind = Kind::neutralize, .feature_set = "whole"}});
    output("plain", {{0}});
    start(1, {.feature_sets = {{"holes", {{"f", 0}}}, {"whole", {{"g", 1}}}}});
    add(batch_of("1", {"a", "b", "c"}, {{1, 1}, {float(kMissing), 0}, {0, 2}}), {{1, 3, 2}});
    add(batch_of("2", {"d", "e", "f"}, {{1, 1}, {2, 0}, {0, 2}}), {{1, 3, 2}});
    EXPECT_EQ(finished("plain"), "id,prediction\na,1\nb,3\nc,2\nd,1\ne,3\nf,2\n");
    ASSERT_TRUE(outputs_[0].error);
    EXPECT_EQ(outputs_[0].error->kind(), util::ErrorKind::data);
    EXPECT_THAT(outputs_[0].error->what(), HasSubstr("'b'"));
    EXPECT_FALSE(outputs_[1].error);
    writers_[1]->finish();
    EXPECT_THAT(read_file(folder_ / "good"), HasSubstr("\nf,"));
}

TEST_F(Finisher, AMissingFeatureOfTheLastOutputIsThrown) {
    output("a", {{0}}, {{.kind = Kind::neutralize, .feature_set = "holes"}});
    output("b", {{0}}, {{.kind = Kind::neutralize, .feature_set = "holes"}});
    start(1, {.feature_sets = {{"holes", {{"f", 0}}}}});
    expect_error(util::ErrorKind::data,
                 [&] { add(batch_of("1", {"a", "b"}, {{1}, {float(kMissing)}}), {{1, 3}}); });
}

/// A meta model.
ValuesById first_letters(double step) {
    return [step](const era::RowIds& ids, std::span<double> values) {
        for (std::size_t row = 0; row < ids.size(); ++row) {
            values[row] = 0.5 + step * ids[row].front();
        }
    };
}

EraFinisherOptions all_scores() {
    return {.feature_sets = {{"one", {{"f", 3}}}},
            .target_column = 0,
            .fnc_set = "one",
            .joined = {first_letters(1)},
            .meta_model = 0};
}

TEST_F(Finisher, MetaModelAndFeatureSetGiveTheirScores) {
    outputs_.push_back({.name = "a", .members = {{0}}, .is_scored = true});
    start(1, all_scores());
    add(batch_of("1", {"a", "b", "c", "d", "e"},
                 with_targets({0, .25, .5, .75, 1}, {{1}, {0}, {2}, {0}, {1}})),
        {{2, 1, 4, 3, 5}});
    finisher_->finish();
    ASSERT_EQ(outputs_[0].scores.size(), 1u);
    EXPECT_TRUE(outputs_[0].scores[0].mmc);
    EXPECT_FALSE(outputs_[0].scores[0].bmc);
    EXPECT_TRUE(outputs_[0].scores[0].fnc);
    EXPECT_NE(outputs_[0].scores[0].fnc, outputs_[0].scores[0].corr);
}

TEST_F(Finisher, WhatIsAddedToABenchmarkIsBmc) {
    outputs_.push_back({.name = "a", .members = {{0}}, .is_scored = true});
    EraFinisherOptions options = all_scores();
    options.contribution = stats::ScoreKind::bmc;
    start(1, std::move(options));
    add(batch_of("1", {"a", "b", "c"}, with_targets({0, .25, .5}, {{1}, {0}, {2}})), {{2, 1, 4}});
    finisher_->finish();
    EXPECT_TRUE(outputs_[0].scores[0].bmc);
    EXPECT_FALSE(outputs_[0].scores[0].mmc);
}

TEST_F(Finisher, AnEraWithoutMoreRowsThanFeaturesHasNoFnc) {
    outputs_.push_back({.name = "a", .members = {{0}}, .is_scored = true});
    EraFinisherOptions options = all_scores();
    options.feature_sets = {{"one", {{"f", 3}, {"g", 3}, {"h", 3}}}};
    start(1, std::move(options));
    add(batch_of("1", {"a", "b", "c"}, with_targets({0, .25, .5}, {{1}, {0}, {2}})), {{2, 1, 4}});
    add(batch_of("2", {"a", "b", "c", "d"}, with_targets({0, .25, .5, 1}, {{1}, {0}, {2}, {0}})),
        {{2, 1, 4, 3}});
    finisher_->finish();
    ASSERT_EQ(outputs_[0].scores.size(), 2u);
    EXPECT_TRUE(outputs_[0].scores[0].corr);
    EXPECT_FALSE(outputs_[0].scores[0].fnc);
    EXPECT_TRUE(outputs_[0].scores[1].fnc);
}

TEST_F(Finisher, AnEraThatCannotBeNeutralisedIsListedWithoutScores) {
    outputs_.push_back({.name = "a",
                        .members = {{0}},
                        .transforms = {{.kind = Kind::neutralize, .feature_set = "one"}},
                        .is_scored = true});
    EraFinisherOptions options = all_scores();
    options.fnc_set.clear();
    start(1, std::move(options));
    add(batch_of("1", {"a"}, with_targets({.5}, {{1}})), {{2}});
    add(batch_of("2", {"a", "b", "c"}, with_targets({0, .25, .5}, {{1}, {0}, {2}})), {{7, 7, 7}});
    add(batch_of("3", {"a", "b", "c"}, with_targets({0, .25, .5}, {{1}, {0}, {2}})), {{2, 9, 4}});
    finisher_->finish();
    const auto& scores = outputs_[0].scores;
    ASSERT_EQ(scores.size(), 3u);
    EXPECT_FALSE(scores[0].corr);
    EXPECT_FALSE(scores[1].corr);
    EXPECT_TRUE(scores[2].corr);
    EXPECT_FALSE(outputs_[0].error);
}

/// Float32 would make them equal.
TEST_F(Finisher, CloseValuesOfTheMetaModelKeepTheirOrder) {
    outputs_.push_back({.name = "a", .members = {{0}}, .is_scored = true});
    const auto score_with = [&](double step) {
        EraFinisherOptions options = all_scores();
        options.fnc_set.clear();
        options.joined = {first_letters(step)};
        outputs_[0].scores.clear();
        start(1, std::move(options));
        add(batch_of("1", {"b", "a", "c"}, with_targets({0, .25, .5}, {{1}, {0}, {2}})),
            {{2, 1, 4}});
        finisher_->finish();
        return outputs_[0].scores[0].mmc;
    };
    EXPECT_EQ(score_with(1e-15), score_with(1));
}

}  // namespace
}  // namespace erawise::output
