#include "predict/prediction.h"

#include <filesystem>

#include "predict/small_world.h"

namespace erawise {
namespace {

using test::expect_error;
using test::read_file;
using testing::HasSubstr;
using util::ErrorKind;

constexpr const char* kUp = "id,prediction\nr1,1\nr2,2\nr3,2\nr4,1\nr5,2\nr6,1\n";
constexpr const char* kDown = "id,prediction\nr1,2\nr2,1\nr3,1\nr4,2\nr5,1\nr6,2\n";

class Prediction : public test::SmallWorld {};

TEST_F(Prediction, WritesWhatEachTaskPredicts) {
    const PredictionResult result = predict({task("a", "up.json"), task("b", "down.json")});
    EXPECT_EQ(read_file(file_of("a")), kUp);
    EXPECT_EQ(read_file(file_of("b")), kDown);
    ASSERT_EQ(result.tasks.size(), 2u);
    EXPECT_FALSE(slots_.error(0));
    EXPECT_EQ(result.stream.rows, 6u);
    EXPECT_EQ(result.features_used, 1u);
    EXPECT_EQ(result.engine, "bitsliced");
}

TEST_F(Prediction, OneFailureStaysOneFailureWhateverItIs) {
    PredictionTask misspelt = task("misspelt", "up.json");
    misspelt.transforms = {neutralized("c")};
    PredictionTask unwritable = task("unwritable", "up.json");
    std::filesystem::create_directory(file_of("unwritable"));
    PredictionTask too_many = task("too_many", "up.json");
    folder_.write("features.json", R"({"feature_sets":{"wide":["feature_a","feature_b"]}})");
    too_many.transforms = {neutralized("wide"), neutralized("wide")};
    options_.data = folder_.write(
        "live.csv", read_file(options_.data) + "r7,era3,live,1,0,1\nr8,era3,live,0,1,0\n");
    predict({task("good", "up.json"), misspelt, task("broken", "broken.json"),
             task("newer", "newer.json"), unwritable, too_many, task("fine", "down.json")});
    const std::vector<ErrorKind> kinds = {ErrorKind::usage, ErrorKind::model, ErrorKind::model,
                                          ErrorKind::disk, ErrorKind::data};
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        ASSERT_TRUE(slots_.error(i + 1)) << i;
        EXPECT_EQ(slots_.error(i + 1)->kind(), kinds[i]) << slots_.error(i + 1)->what();
    }
    EXPECT_FALSE(slots_.error(0));
    EXPECT_FALSE(slots_.error(6));
    EXPECT_EQ(read_file(file_of("good")), std::string(kUp) + "r7,2\nr8,1\n");
    EXPECT_EQ(read_file(file_of("fine")), std::string(kDown) + "r7,1\nr8,2\n");
    EXPECT_FALSE(std::filesystem::exists(file_of("too_many")));
}

TEST_F(Prediction, AMissingValueEndsTheTasksThatNeutraliseOnIt) {
    options_.data = folder_.write("live.csv",
                                  "id,era,data_type,feature_a,feature_b\n"
                                  "r1,era1,live,0,1\nr2,era1,live,1,\nr3,era1,live,1,0\n");
    PredictionTask holes = task("holes", "up.json");
    holes.transforms = {neutralized("b")};
    predict({holes, task("good", "up.json")});
    ASSERT_TRUE(slots_.error(0));
    EXPECT_THAT(slots_.error(0)->what(), HasSubstr("holes: "));
    EXPECT_THAT(slots_.error(0)->what(), HasSubstr("'r2'"));
    EXPECT_FALSE(slots_.error(1));
    EXPECT_EQ(read_file(file_of("good")), "id,prediction\nr1,1\nr2,2\nr3,2\n");
}

TEST_F(Prediction, TasksThatHaveEndedBeforeAreLeftOut) {
    const std::vector<PredictionTask> tasks = {task("ended", "up.json"), task("good", "down.json")};
    TaskSlots slots(2);
    slots.fail(0, util::Error(ErrorKind::rejected, "no such model"));
    predict_file(options_, tasks, slots, stop_, [](std::uint64_t, std::uint64_t) {});
    EXPECT_STREQ(slots.error(0)->what(), "no such model");
    EXPECT_FALSE(std::filesystem::exists(file_of("ended")));
    EXPECT_EQ(read_file(file_of("good")), kDown);
}

TEST_F(Prediction, ErrorsOfTasksAreKnownWhenTheDataEndsAllOfThem) {
    options_.data = folder_.write("live.csv", "id,era,feature_a\nr1,era1,0\nr2,era1\n");
    expect_error(ErrorKind::data,
                 [&] { predict({task("broken", "broken.json"), task("good", "up.json")}); });
    EXPECT_FALSE(slots_.is_left(0));
    EXPECT_TRUE(slots_.is_left(1));
    EXPECT_FALSE(std::filesystem::exists(file_of("good")));
}

TEST_F(Prediction, TheOnlyTasksErrorIsThrown) {
    expect_error(ErrorKind::model, [&] { predict({task("newer", "newer.json")}); });
    EXPECT_FALSE(std::filesystem::exists(file_of("newer")));
}

TEST_F(Prediction, AFileOfPredictionsIsScoredWithAnyNumberOfThreads) {
    options_.score = ScoreOptions{.target = "target", .meta_model = {}, .fnc_set = {}};
    const std::vector<PredictionTask> tasks = {
        {.name = "own",
         .predictions = ValueFile{.file = folder_.write("own.csv",
                                                        "id,prediction\nr6,1\nr5,2\nr4,0\n"
                                                        "r3,2\nr2,3\nr1,1\n")}}};
    std::vector<std::vector<stats::EraScore>> found;
    for (const unsigned threads : {1u, 2u, 4u}) {
        options_.threads = threads;
        const PredictionResult result = predict(tasks);
        EXPECT_EQ(result.engine, "file");
        ASSERT_EQ(result.tasks[0].scores.size(), 2u);
        EXPECT_THAT(result.tasks[0].scores[0].corr,
                    testing::Optional(testing::DoubleNear(1, 1e-9)));
        EXPECT_EQ(result.tasks[0].scores[1].corr, predict(tasks).tasks[0].scores[1].corr);
        found.push_back(result.tasks[0].scores);
    }
    EXPECT_EQ(found[0][0].corr, found[1][0].corr);
    EXPECT_EQ(found[0][0].corr, found[2][0].corr);
}

TEST_F(Prediction, ThreadsThatHaveNothingToPredictTakeNoMemory) {
    options_.score = ScoreOptions{.target = "target", .meta_model = {}, .fnc_set = {}};
    const std::vector<PredictionTask> tasks = {
        {.name = "own",
         .predictions = ValueFile{.file = folder_.write("own.csv", "id,prediction\nr1,1\n")}}};
    const auto memory_of_threads = [&](unsigned threads) -> std::uint64_t {
        options_.threads = threads;
        for (const auto& [name, bytes] : predict(tasks).plan.entries) {
            if (name == "threads") {
                return bytes;
            }
        }
        return 0;
    };
    EXPECT_EQ(memory_of_threads(1), 0u);
    EXPECT_GT(memory_of_threads(2), 0u);
    EXPECT_EQ(memory_of_threads(16), memory_of_threads(2));
}

TEST_F(Prediction, ThePlanIsMadeWithoutARun) {
    const MemoryPlan plan = plan_prediction(options_, std::vector{task("a", "up.json")}, stop_);
    EXPECT_FALSE(plan.entries.empty());
    EXPECT_FALSE(std::filesystem::exists(file_of("a")));
}

}  // namespace
}  // namespace erawise
