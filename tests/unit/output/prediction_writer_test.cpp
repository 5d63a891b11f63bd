#include "output/prediction_writer.h"

#include <cmath>
#include <memory>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::output {
namespace {

using test::expect_error;
using test::read_file;
using test::TemporaryFolder;
using testing::HasSubstr;

/// A batch without features: writers look at eras and ids only.
era::EraBatch batch_of(std::string_view label, std::initializer_list<std::string_view> ids) {
    era::EraBatch batch(64);
    batch.reset(std::make_shared<era::BlockLayout>(), label);
    for (const std::string_view id : ids) {
        batch.ids.push_back(id);
    }
    return batch;
}

TEST(PredictionWriter, WritesHeaderAndRowsInOrder) {
    const TemporaryFolder folder;
    PredictionWriter writer({.path = folder / "out.csv"});
    writer.add(batch_of("era1", {"a", "b"}), std::vector<double>{0.5F, 0.1F});
    writer.add(batch_of("era2", {"c"}), std::vector<double>{-1e-10F});
    writer.finish();
    EXPECT_EQ(read_file(folder / "out.csv"), "id,prediction\na,0.5\nb,0.1\nc,-1e-10\n");
    EXPECT_EQ(writer.rows(), 3u);
}

TEST(PredictionWriter, FileIsAbsentUntilFinishAndAfterAFailure) {
    const TemporaryFolder folder;
    {
        PredictionWriter writer({.path = folder / "out.csv"});
        writer.add(batch_of("era1", {"a"}), std::vector<double>{0.5F});
        EXPECT_FALSE(std::filesystem::exists(folder / "out.csv"));
    }
    EXPECT_EQ(folder.files(), 0u);
}

TEST(PredictionWriter, DigitsGiveTheSameFloatBack) {
    const TemporaryFolder folder;
    const float awkward = std::nextafter(0.1F, 1.0F);
    PredictionWriter writer({.path = folder / "out.csv"});
    writer.add(batch_of("era1", {"a"}), std::vector<double>{awkward});
    writer.finish();
    const std::string text = read_file(folder / "out.csv");
    EXPECT_EQ(std::stof(text.substr(text.rfind(',') + 1)), awkward);
}

TEST(PredictionWriter, RanksAnEraThatComesInSeveralBatches) {
    const TemporaryFolder folder;
    PredictionWriter writer({.path = folder / "out.csv",
                             .prediction_column = "probability",
                             .transform = Transform::rank});
    writer.add(batch_of("era1", {"a", "b"}), std::vector<double>{3, 1});
    writer.add(batch_of("era1", {"c", "d"}), std::vector<double>{4, 2});
    writer.add(batch_of("era2", {"e"}), std::vector<double>{9});
    writer.finish();
    EXPECT_EQ(read_file(folder / "out.csv"),
              "id,probability\na,0.625\nb,0.125\nc,0.875\nd,0.375\ne,0.5\n");
}

TEST(PredictionWriter, NotANumberCannotBeRanked) {
    const TemporaryFolder folder;
    PredictionWriter writer({.path = folder / "out.csv", .transform = Transform::rank});
    EXPECT_THAT(
        expect_error(util::ErrorKind::model,
                     [&] { writer.add(batch_of("era1", {"row7"}), std::vector<double>{NAN}); }),
        HasSubstr("row7"));
}

TEST(PredictionWriter, EraBeyondThePlanIsAMemoryErrorWithTheNumber) {
    const TemporaryFolder folder;
    PredictionWriter writer(
        {.path = folder / "out.csv", .transform = Transform::rank, .era_memory_bytes = 1000});
    const era::EraBatch batch = batch_of("era1", {"a", "b", "c", "d", "e", "f", "g", "h"});
    const std::string message = expect_error(util::ErrorKind::memory, [&] {
        for (int i = 0; i < 20; ++i) {
            writer.add(batch, std::vector<double>(8, 1.0F));
        }
    });
    EXPECT_THAT(message, HasSubstr("era1"));
    EXPECT_THAT(message, HasSubstr("1000 B"));
}

TEST(PredictionWriter, QuotesIdsThatACsvReaderWouldTakeApart) {
    const TemporaryFolder folder;
    PredictionWriter writer({.path = folder / "out.csv"});
    writer.add(batch_of("era1", {"a,b", "say \"x\""}), std::vector<double>{1, 2});
    writer.finish();
    EXPECT_EQ(read_file(folder / "out.csv"), "id,prediction\n\"a,b\",1\n\"say \"\"x\"\"\",2\n");
}

TEST(PredictionWriter, UnwritableFolderFailsAtConstruction) {
    const TemporaryFolder folder;
    expect_error(util::ErrorKind::disk,
                 [&] { PredictionWriter writer({.path = folder / "absent/out.csv"}); });
}

}  // namespace
}  // namespace erawise::output
