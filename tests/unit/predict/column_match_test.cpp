#include "predict/column_match.h"

#include "predict/small_world.h"

namespace erawise {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;
using util::ErrorKind;

class ColumnMatch : public test::SmallWorld {
  protected:
    MatchedColumns match(const std::vector<PredictionTask>& tasks) {
        slots_ = TaskSlots(tasks.size());
        Models read = read_models(list_models(tasks, slots_), slots_, stop_);
        return match_columns(std::move(read), tasks, slots_, options_,
                             {.file = "live.csv", .names = columns_});
    }

    std::vector<std::string> columns_ = {"id", "era", "feature_a", "feature_b", "target"};
};

TEST_F(ColumnMatch, FeaturesOfModelsComeBeforeThoseOfSets) {
    PredictionTask neutral = task("neutral", "up.json");
    neutral.transforms = {neutralized("b"), neutralized("a")};
    const MatchedColumns matched = match({neutral});
    EXPECT_THAT(matched.selection.features.names(), ElementsAre("feature_a", "feature_b"));
    EXPECT_EQ(matched.selection.features_of_models, 1u);
    EXPECT_EQ(matched.selection.feature_sets.at("a")[0].column, 0u) << "it is there already";
    EXPECT_EQ(matched.selection.feature_sets.at("b")[0].column, 1u);
    EXPECT_THAT(matched.models.files[0].model.columns, ElementsAre(0));
    EXPECT_TRUE(matched.selection.numbers.empty());
}

TEST_F(ColumnMatch, AModelWhoseFeaturesAreNotThereEndsItsTask) {
    const MatchedColumns matched = match({task("old", "newer.json"), task("good", "up.json")});
    EXPECT_THAT(slots_.error(0)->what(), HasSubstr("'feature_c'"));
    EXPECT_TRUE(slots_.is_left(1));
    ASSERT_EQ(matched.models.files.size(), 1u);
    EXPECT_THAT(matched.selection.features.names(), ElementsAre("feature_a"));
}

TEST_F(ColumnMatch, ASetThatIsNotThereEndsTheTasksThatNameIt) {
    PredictionTask misspelt = task("misspelt", "up.json");
    misspelt.transforms = {neutralized("c")};
    PredictionTask newer = task("newer", "up.json");
    newer.transforms = {neutralized("new")};
    PredictionTask good = task("good", "down.json");
    good.transforms = {neutralized("b")};
    const MatchedColumns matched = match({misspelt, newer, good});
    EXPECT_EQ(slots_.error(0)->kind(), ErrorKind::usage);
    EXPECT_THAT(slots_.error(0)->what(), HasSubstr("misspelt: "));
    EXPECT_THAT(slots_.error(0)->what(), HasSubstr("it has a, b, new"));
    EXPECT_EQ(slots_.error(1)->kind(), ErrorKind::data);
    EXPECT_TRUE(slots_.is_left(2));
    EXPECT_EQ(matched.selection.feature_sets.size(), 1u);
    EXPECT_EQ(matched.models.files.size(), 1u) << "up.json is of no use any more";
}

TEST_F(ColumnMatch, FeatureSetsThatCouldNotBeHadEndTheTasksThatNeedThem) {
    options_.feature_sets =
        FeatureSets("features.json", util::Error(ErrorKind::network, "gave up"));
    PredictionTask neutral = task("neutral", "up.json");
    neutral.transforms = {neutralized("a")};
    match({neutral, task("good", "up.json")});
    EXPECT_EQ(slots_.error(0)->kind(), ErrorKind::network);
    EXPECT_TRUE(slots_.is_left(1));
}

TEST_F(ColumnMatch, TheErrorOfTheOnlyTaskIsThrown) {
    PredictionTask misspelt = task("misspelt", "up.json");
    misspelt.transforms = {neutralized("c")};
    EXPECT_THAT(expect_error(ErrorKind::usage, [&] { match({misspelt}); }),
                testing::Not(HasSubstr("misspelt: ")));
}

TEST_F(ColumnMatch, ScoresTakeTheTargetAndTheirSet) {
    options_.score = ScoreOptions{.target = "target", .meta_model = {}, .fnc_set = "b"};
    const MatchedColumns matched = match({task("a", "up.json")});
    EXPECT_THAT(matched.selection.numbers, ElementsAre("target"));
    EXPECT_TRUE(matched.selection.feature_sets.contains("b"));
    options_.score->target = "target_20";
    EXPECT_THAT(expect_error(ErrorKind::data, [&] { match({task("a", "up.json")}); }),
                HasSubstr("--target may be target"));
    options_.score = ScoreOptions{.target = "target", .meta_model = {}, .fnc_set = "c"};
    expect_error(ErrorKind::usage, [&] { match({task("a", "up.json")}); });
}

}  // namespace
}  // namespace erawise
