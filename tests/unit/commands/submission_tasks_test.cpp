#include "commands/submission_tasks.h"

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise {
namespace {

using test::expect_error;
using testing::HasSubstr;

const output::TransformStep kRank = {.kind = output::TransformStep::Kind::rank};

class SubmissionTasks : public testing::Test {
  protected:
    SubmissionTasks() {
        config_.models_directory = folder_.path();
        config_.output_directory = "/out";
    }
    test::TemporaryFolder folder_;
    Config config_;
};

TEST_F(SubmissionTasks, OnePerModelFileInOrderOfTheirNames) {
    folder_.write("b.ubj", "");
    folder_.write("a.json", "");
    folder_.write("notes.txt", "");
    const auto tasks = submission_tasks(config_);
    ASSERT_EQ(tasks.size(), 2u);
    EXPECT_EQ(tasks[0].name, "a");
    EXPECT_EQ(tasks[0].output->path, "/out/a.csv");
    EXPECT_THAT(tasks[0].transforms, testing::ElementsAre(kRank));
    EXPECT_EQ(tasks[1].name, "b");
}

TEST_F(SubmissionTasks, AreTheConfiguredOnesWhenThereAreAny) {
    folder_.write("a.ubj", "");
    config_.submissions = {{.model = "mine",
                            .ensemble = {{.file = "a.ubj"}},
                            .features = {"feature_x"},
                            .transform = output::Transforms()}};
    const auto tasks = submission_tasks(config_);
    ASSERT_EQ(tasks.size(), 1u);
    EXPECT_EQ(tasks[0].name, "mine");
    ASSERT_EQ(tasks[0].models.size(), 1u);
    EXPECT_EQ(tasks[0].models[0].file, folder_ / "a.ubj");
    EXPECT_THAT(tasks[0].features, testing::ElementsAre("feature_x"));
    EXPECT_TRUE(tasks[0].transforms.empty());
}

TEST_F(SubmissionTasks, AnEnsembleIsOneTaskOfSeveralFiles) {
    config_.submissions = {{.model = "mine",
                            .ensemble = {{.file = "a.ubj", .weight = 2}, {.file = "b.txt"}},
                            .blend = output::Blend::gauss}};
    const auto tasks = submission_tasks(config_);
    ASSERT_EQ(tasks.size(), 1u);
    ASSERT_EQ(tasks[0].models.size(), 2u);
    EXPECT_EQ(tasks[0].models[0].weight, 2);
    EXPECT_EQ(tasks[0].models[1].file, folder_ / "b.txt");
    EXPECT_EQ(tasks[0].blend, output::Blend::gauss);
    EXPECT_THAT(tasks[0].transforms, testing::ElementsAre(kRank));
}

TEST_F(SubmissionTasks, PredictTakesAFileOrAConfiguredSubmission) {
    config_.submissions = {{.model = "mine", .ensemble = {{.file = "a.ubj"}}}};
    config_.predict.model = "/elsewhere/b.ubj";
    EXPECT_EQ(prediction_task(config_, Command::predict).models[0].file, "/elsewhere/b.ubj");
    config_.predict.submission = "mine";
    const PredictionTask task = prediction_task(config_, Command::backtest);
    EXPECT_EQ(task.models[0].file, folder_ / "a.ubj");
    EXPECT_TRUE(task.transforms.empty()) << "only run ranks by itself";
    config_.predict.submission = "yours";
    EXPECT_THAT(
        expect_error(util::ErrorKind::usage, [&] { prediction_task(config_, Command::predict); }),
        HasSubstr("'mine'"));
}

TEST_F(SubmissionTasks, EmptyOrMissingFolderIsAUsageErrorWithTheRemedy) {
    EXPECT_THAT(expect_error(util::ErrorKind::usage, [&] { submission_tasks(config_); }),
                HasSubstr("save_model"));
    config_.models_directory = folder_ / "absent";
    EXPECT_THAT(expect_error(util::ErrorKind::usage, [&] { submission_tasks(config_); }),
                HasSubstr("mount it"));
}

TEST_F(SubmissionTasks, AFolderWithOtherFilesOnlyNamesOne) {
    folder_.write("alpha.pkl", "");
    EXPECT_THAT(expect_error(util::ErrorKind::usage, [&] { submission_tasks(config_); }),
                AllOf(HasSubstr("there is alpha.pkl"), HasSubstr("docs/PYTHON.md")));
}

class Shards : public SubmissionTasks {
  protected:
    Shards() {
        for (const auto* const name : {"e.ubj", "b.json", "a.ubj", "d.ubj", "c.ubj"}) {
            folder_.write(name, "");
        }
    }
    std::string names(std::optional<unsigned> index, unsigned count) {
        config_.schedule.shard = {.index = index, .count = count};
        std::string text;
        for (const PredictionTask& task : submission_tasks(config_)) {
            text += task.name;
        }
        return text;
    }
};

TEST_F(Shards, TakeEveryNthModelByName) {
    EXPECT_EQ(names(0, 1), "abcde");
    EXPECT_EQ(names(0, 2), "ace");
    EXPECT_EQ(names(1, 2), "bd");
    EXPECT_EQ(names(2, 3), "c");
}

TEST_F(Shards, TogetherHaveEachModelOnce) {
    for (unsigned count = 1; count < 8; ++count) {
        std::string all;
        for (unsigned index = 0; index < count; ++index) {
            all += names(index, count);
        }
        std::ranges::sort(all);
        EXPECT_EQ(all, "abcde") << count;
    }
}

TEST_F(Shards, BeyondTheModelsAreEmpty) {
    EXPECT_EQ(names(6, 7), "");
}

TEST_F(Shards, TakeTheirIndexFromTheJob) {
    config_.schedule.completion_index = 1;
    EXPECT_EQ(names(std::nullopt, 2), "bd");
    EXPECT_EQ(names(0, 2), "ace") << "a written index counts more";
    EXPECT_EQ(names(std::nullopt, 1), "abcde") << "without --shard it means nothing";
}

TEST_F(Shards, WithoutAnIndexAreAUsageError) {
    EXPECT_THAT(expect_error(util::ErrorKind::usage, [&] { names(std::nullopt, 4); }),
                HasSubstr("--shard I/4 with I from 0 to 3"));
    config_.schedule.completion_index = 4;
    EXPECT_THAT(expect_error(util::ErrorKind::usage, [&] { names(std::nullopt, 4); }),
                HasSubstr("JOB_COMPLETION_INDEX is 4"));
}

TEST_F(SubmissionTasks, TwoFilesForOneModelAreAUsageError) {
    folder_.write("a.ubj", "");
    folder_.write("a.json", "");
    EXPECT_THAT(expect_error(util::ErrorKind::usage, [&] { submission_tasks(config_); }),
                HasSubstr("both for the Numerai model 'a'"));
}

TEST_F(SubmissionTasks, ModelIdNeedsASingleModel) {
    folder_.write("a.ubj", "");
    config_.numerai.model_id = "uuid";
    EXPECT_EQ(submission_tasks(config_).size(), 1u);
    folder_.write("b.ubj", "");
    EXPECT_THAT(expect_error(util::ErrorKind::usage, [&] { submission_tasks(config_); }),
                HasSubstr("MODEL_ID"));
}

}  // namespace
}  // namespace erawise
