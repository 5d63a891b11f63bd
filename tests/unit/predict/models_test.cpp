#include "predict/models.h"

#include <csignal>

#include "predict/small_world.h"

namespace erawise {
namespace {

using test::expect_error;
using testing::ElementsAre;
using util::ErrorKind;

class UsedModels : public test::SmallWorld {};

TEST_F(UsedModels, AreListedOnceForAllTasks) {
    PredictionTask both = task("both", "up.json");
    both.models.push_back({.file = folder_ / "down.json", .weight = 3});
    const Models models = list_models(std::vector{task("a", "up.json"), both}, TaskSlots(2));
    ASSERT_EQ(models.files.size(), 2u);
    EXPECT_EQ(models.files[0].name, "a");
    EXPECT_THAT(models.files[0].tasks, ElementsAre(0, 1));
    EXPECT_THAT(models.files[1].tasks, ElementsAre(1));
    EXPECT_THAT(models.of_task, ElementsAre(ElementsAre(0), ElementsAre(0, 1)));
}

TEST_F(UsedModels, AreTwoWhereTheFeaturesAreOthers) {
    PredictionTask listed = task("listed", "up.json");
    listed.features = {"feature_b"};
    EXPECT_EQ(list_models(std::vector{task("a", "up.json"), listed}, TaskSlots(2)).files.size(),
              2u);
}

TEST_F(UsedModels, KnowWhatTheirFilesSayWhenTheyAreRead) {
    const std::vector<PredictionTask> tasks = {task("a", "up.json")};
    TaskSlots slots(tasks.size());
    const Models read = read_models(list_models(tasks, slots), slots, stop_);
    ASSERT_EQ(read.files.size(), 1u);
    EXPECT_THAT(read.files[0].model.description.feature_names, ElementsAre("feature_a"));
    EXPECT_TRUE(read.files[0].model.forest) << "a small file is read once";
    EXPECT_EQ(read.forests_bytes, 3 * sizeof(infer::TreeNode));
}

TEST_F(UsedModels, ThatCannotBeReadEndTheirTasks) {
    PredictionTask both = task("both", "up.json");
    both.models.push_back({.file = folder_ / "broken.json"});
    const std::vector<PredictionTask> tasks = {both, task("bad", "broken.json"),
                                               task("good", "down.json")};
    TaskSlots slots(tasks.size());
    const Models read = read_models(list_models(tasks, slots), slots, stop_);
    EXPECT_FALSE(slots.is_left(0));
    EXPECT_FALSE(slots.is_left(1));
    EXPECT_THAT(slots.error(1)->what(), testing::StartsWith("both: "));
    ASSERT_EQ(read.files.size(), 1u) << "up.json is of no use any more";
    EXPECT_EQ(read.files[0].name, "good");
    EXPECT_THAT(read.of_task, ElementsAre(ElementsAre(), ElementsAre(), ElementsAre(0)));
}

TEST_F(UsedModels, OfWhichNoneCanBeReadAreAnError) {
    const std::vector<PredictionTask> tasks = {task("bad", "broken.json")};
    TaskSlots slots(tasks.size());
    EXPECT_THAT(expect_error(ErrorKind::model,
                             [&] { read_models(list_models(tasks, slots), slots, stop_); }),
                testing::HasSubstr("broken.json"));
}

TEST_F(UsedModels, ArePredictorsWhenTheyAreLoaded) {
    const std::vector<PredictionTask> tasks = {task("a", "up.json"), task("b", "down.json")};
    TaskSlots slots(tasks.size());
    Models models = read_models(list_models(tasks, slots), slots, stop_);
    for (UsedModel& model : models.files) {
        model.model.columns = {0};
    }
    infer::PredictorFactory factory({});
    models = load_models(std::move(models), slots, factory);
    ASSERT_EQ(models.files.size(), 2u);
    EXPECT_EQ(models.files[0].predictor->engine(), "bitsliced");
    EXPECT_TRUE(models.files[1].predictor);
}

}  // namespace
}  // namespace erawise
