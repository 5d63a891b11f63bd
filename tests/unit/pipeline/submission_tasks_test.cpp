#include "submission_tasks.h"

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise {
namespace {

using test::expect_error;
using testing::HasSubstr;

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
    EXPECT_EQ(tasks[0].output.path, "/out/a.csv");
    EXPECT_EQ(tasks[0].output.transform, output::Transform::rank);
    EXPECT_EQ(tasks[1].name, "b");
}

TEST_F(SubmissionTasks, AreTheConfiguredOnesWhenThereAreAny) {
    folder_.write("a.ubj", "");
    config_.submissions = {{.model = "mine",
                            .ensemble = {{.file = "a.ubj"}},
                            .features = {"feature_x"},
                            .transform = Transform::none}};
    const auto tasks = submission_tasks(config_);
    ASSERT_EQ(tasks.size(), 1u);
    EXPECT_EQ(tasks[0].name, "mine");
    EXPECT_EQ(tasks[0].model, folder_ / "a.ubj");
    EXPECT_THAT(tasks[0].features, testing::ElementsAre("feature_x"));
    EXPECT_EQ(tasks[0].output.transform, output::Transform::none);
}

TEST_F(SubmissionTasks, EmptyOrMissingFolderIsAUsageErrorWithTheRemedy) {
    EXPECT_THAT(expect_error(util::ErrorKind::usage, [&] { submission_tasks(config_); }),
                HasSubstr("save_model"));
    config_.models_directory = folder_ / "absent";
    EXPECT_THAT(expect_error(util::ErrorKind::usage, [&] { submission_tasks(config_); }),
                HasSubstr("mount it"));
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
