#include "predict/joined_files.h"

#include <array>

#include "predict/small_world.h"

namespace erawise {
namespace {

using test::expect_error;
using testing::HasSubstr;
using util::ErrorKind;

class Joined : public test::SmallWorld {
  protected:
    [[nodiscard]] PredictionTask task_of(std::string name, std::string_view text,
                                         std::string column = {}) const {
        return {.name = name,
                .predictions = ValueFile{.file = folder_.write(name, text), .column = column}};
    }
    static std::vector<double> values_of(JoinedFiles& joined, std::size_t file,
                                         std::initializer_list<std::string_view> ids) {
        era::RowIds rows;
        for (const std::string_view id : ids) {
            rows.push_back(id);
        }
        std::vector<double> values(ids.size());
        joined.values_by_id()[file](rows, values);
        return values;
    }
};

TEST_F(Joined, PredictionsComeBeforeTheMetaModel) {
    const std::vector<PredictionTask> tasks = {task_of("own", "id,prediction\nr1,3\nr2,4\n")};
    TaskSlots slots(1);
    JoinedFiles joined(tasks, slots,
                       ValueFile{.file = folder_.write("meta", "id,meta\nr1,0.5\nr2,0.25\n")});
    EXPECT_EQ(joined.predictions(), 1u);
    EXPECT_EQ(joined.of_task(0), 0u);
    ASSERT_NE(joined.meta_model(), nullptr);
    EXPECT_EQ(joined.meta_model()->values.column(), "meta");
    EXPECT_THAT(values_of(joined, 0, {"r1", "r2"}), testing::ElementsAre(3, 4));
    EXPECT_THAT(values_of(joined, 1, {"r1", "r2"}), testing::ElementsAre(0.5, 0.25));
}

TEST_F(Joined, AFileThatCannotBeReadEndsItsTask) {
    const std::vector<PredictionTask> tasks = {
        {.name = "bad", .predictions = ValueFile{.file = folder_ / "absent.csv"}},
        task_of("good", "id,prediction\nr1,3\n")};
    TaskSlots slots(2);
    const JoinedFiles joined(tasks, slots, std::nullopt);
    EXPECT_EQ(slots.error(0)->kind(), ErrorKind::disk);
    EXPECT_FALSE(joined.of_task(0));
    EXPECT_EQ(joined.of_task(1), 0u);
}

TEST_F(Joined, ErrorsAtTheEndAreThoseOfTheirTasks) {
    const std::vector<PredictionTask> tasks = {
        task_of("stranger", "id,prediction\nx1,1\n"),
        task_of("twice", "id,prediction\nr1,1\nr2,2\nr2,3\n"),
        task_of("good", "id,prediction\nr1,3\n")};
    TaskSlots slots(3);
    JoinedFiles joined(tasks, slots, std::nullopt);
    values_of(joined, 0, {"r1"});
    values_of(joined, 1, {"r1"});
    values_of(joined, 2, {"r1"});
    joined.finish(slots, "live.csv");
    EXPECT_THAT(slots.error(0)->what(), HasSubstr("none of its ids is in live.csv"));
    EXPECT_THAT(slots.error(1)->what(), HasSubstr("'r2' is there twice"));
    EXPECT_TRUE(slots.is_left(2));
}

TEST_F(Joined, TheMetaModelHasItsMemoryAndPredictionsShareTheRest) {
    std::string shuffled = "id,prediction\n";
    for (int row = 20000; row > 0; --row) {
        shuffled += fmt::format("row_{:012},0.5\n", row);
    }
    const std::vector<PredictionTask> tasks = {task_of("own", shuffled)};
    TaskSlots slots(1);
    JoinedFiles joined(tasks, slots, ValueFile{.file = folder_.write("meta", shuffled)});
    joined.set_memory(joined.memory_bytes() + 100'000);
    EXPECT_THAT(values_of(joined, 1, {"row_000000000007"}), testing::ElementsAre(0.5));
    expect_error(ErrorKind::memory, [&] { values_of(joined, 0, {"row_000000000007"}); });
}

TEST_F(Joined, DistributionsAreThoseOfPredictions) {
    const std::vector<PredictionTask> tasks = {task_of("own", "id,prediction\nr1,3\nr2,5\n")};
    TaskSlots slots(1);
    JoinedFiles joined(tasks, slots, std::nullopt);
    joined.collect_distributions();
    values_of(joined, 0, {"r1", "r2", "r3"});
    EXPECT_EQ(joined[0].distribution->count(), 2u);
    EXPECT_EQ(joined[0].distribution->mean(), 4);
}

}  // namespace
}  // namespace erawise
