#include "predict/outputs.h"

#include <filesystem>

#include "predict/small_world.h"

namespace erawise {
namespace {

using testing::ElementsAre;
using util::ErrorKind;

class Outputs : public test::SmallWorld {
  protected:
    /// Models as they are when they were loaded.
    Models loaded(const std::vector<PredictionTask>& tasks) {
        slots_ = TaskSlots(tasks.size());
        Models models = read_models(list_models(tasks, slots_), slots_, stop_);
        for (UsedModel& model : models.files) {
            model.model.columns = {0};
        }
        infer::PredictorFactory factory({});
        return load_models(std::move(models), slots_, factory);
    }
    [[nodiscard]] TaskOutputs outputs_of(const std::vector<PredictionTask>& tasks,
                                         const Models& models) {
        const JoinedFiles joined(tasks, slots_, std::nullopt);
        return describe_outputs(tasks, slots_, models, joined, options_);
    }
};

TEST_F(Outputs, AreThoseOfTheTasksThatAreLeft) {
    PredictionTask both = task("both", "up.json");
    both.models.push_back({.file = folder_ / "down.json", .weight = 3});
    const std::vector<PredictionTask> tasks = {task("bad", "broken.json"), both};
    const TaskOutputs outputs = outputs_of(tasks, loaded(tasks));
    ASSERT_EQ(outputs.outputs.size(), 1u);
    EXPECT_THAT(outputs.tasks, ElementsAre(1));
    EXPECT_EQ(outputs.outputs[0].members[1].source, 1u);
    EXPECT_EQ(outputs.outputs[0].members[1].weight, 3);
    EXPECT_TRUE(outputs.hold_eras());
}

TEST_F(Outputs, OfPredictionsComeBehindTheModels) {
    const std::vector<PredictionTask> tasks = {
        task("model", "up.json"),
        {.name = "own",
         .predictions = ValueFile{.file = folder_.write("own.csv", "id,prediction\nr1,1\n")}}};
    const TaskOutputs outputs = outputs_of(tasks, loaded(tasks));
    EXPECT_EQ(outputs.outputs[0].members[0].source, 0u);
    EXPECT_EQ(outputs.outputs[1].members[0].source, 1u);
    EXPECT_FALSE(outputs.hold_eras());
    options_.score = ScoreOptions{.target = "target", .meta_model = {}, .fnc_set = {}};
    EXPECT_TRUE(outputs_of(tasks, loaded(tasks)).hold_eras());
}

TEST_F(Outputs, ThatCannotBeWrittenEndTheirTask) {
    std::vector<PredictionTask> tasks = {task("a", "up.json"), task("b", "up.json")};
    tasks[0].output->path = folder_ / "absent" / "a.csv";
    const Models models = loaded(tasks);
    const TaskWriters writers = open_writers(tasks, slots_, models);
    EXPECT_EQ(slots_.error(0)->kind(), ErrorKind::disk);
    EXPECT_THAT(slots_.error(0)->what(), testing::StartsWith("a: "));
    EXPECT_FALSE(writers[0]);
    EXPECT_TRUE(writers[1]);
}

TEST_F(Outputs, OfTasksThatHaveEndedDoNotAppear) {
    const std::vector<PredictionTask> tasks = {task("a", "up.json"), task("b", "up.json")};
    const Models models = loaded(tasks);
    const TaskWriters writers = open_writers(tasks, slots_, models);
    slots_.fail(0, util::Error(ErrorKind::model, "too late"));
    std::filesystem::create_directory(file_of("b"));
    finish_writers(tasks, slots_, writers);
    EXPECT_FALSE(std::filesystem::exists(file_of("a")));
    EXPECT_EQ(slots_.error(1)->kind(), ErrorKind::disk);
}

}  // namespace
}  // namespace erawise
