#include "output/prediction_writer.h"

#include <fmt/format.h>

#include <cmath>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::output {
namespace {

using test::expect_error;
using test::read_file;
using test::TemporaryFolder;
using testing::HasSubstr;

era::RowIds ids_of(std::initializer_list<std::string_view> ids) {
    era::RowIds result;
    for (const std::string_view id : ids) {
        result.push_back(id);
    }
    return result;
}

TEST(PredictionWriter, WritesHeaderAndRowsInOrder) {
    const TemporaryFolder folder;
    PredictionWriter writer({.path = folder / "out.csv"});
    writer.write(ids_of({"a", "b"}), std::vector<double>{0.5F, 0.1F});
    writer.write(ids_of({"c"}), std::vector<double>{-1e-10F});
    writer.finish();
    EXPECT_EQ(read_file(folder / "out.csv"), "id,prediction\na,0.5\nb,0.1\nc,-1e-10\n");
    EXPECT_EQ(writer.rows(), 3u);
}

TEST(PredictionWriter, FileIsAbsentUntilFinishAndAfterAFailure) {
    const TemporaryFolder folder;
    {
        PredictionWriter writer({.path = folder / "out.csv"});
        writer.write(ids_of({"a"}), std::vector<double>{0.5F});
        EXPECT_FALSE(std::filesystem::exists(folder / "out.csv"));
    }
    EXPECT_EQ(folder.files(), 0u);
}

TEST(PredictionWriter, DigitsGiveTheSameFloatBack) {
    const TemporaryFolder folder;
    const float awkward = std::nextafter(0.1F, 1.0F);
    PredictionWriter writer({.path = folder / "out.csv"});
    writer.write(ids_of({"a"}), std::vector<double>{awkward});
    writer.finish();
    const std::string text = read_file(folder / "out.csv");
    EXPECT_EQ(std::stof(text.substr(text.rfind(',') + 1)), awkward);
}

TEST(PredictionWriter, QuotesIdsThatACsvReaderWouldTakeApart) {
    const TemporaryFolder folder;
    PredictionWriter writer({.path = folder / "out.csv"});
    writer.write(ids_of({"a,b", "say \"x\""}), std::vector<double>{1, 2});
    writer.finish();
    EXPECT_EQ(read_file(folder / "out.csv"), "id,prediction\n\"a,b\",1\n\"say \"\"x\"\"\",2\n");
}

TEST(PredictionWriter, WhatIsNotFiniteIsRefusedByItsRow) {
    for (const double value : {double(NAN), double(INFINITY), -double(INFINITY)}) {
        const TemporaryFolder folder;
        PredictionWriter writer({.path = folder / "out.csv"});
        const std::string message = expect_error(util::ErrorKind::model, [&] {
            writer.write(ids_of({"a", "b"}), std::vector<double>{1, value});
        });
        EXPECT_THAT(message, HasSubstr(fmt::format("row 'b' is {}", value)));
        EXPECT_THAT(message, HasSubstr("--non-finite keep"));
    }
}

TEST(PredictionWriter, WhatIsNotFiniteIsWrittenWhereThatIsAskedFor) {
    const TemporaryFolder folder;
    PredictionWriter writer({.path = folder / "out.csv", .non_finite = NonFinite::written});
    writer.write(ids_of({"a", "b", "c"}), std::vector<double>{NAN, INFINITY, -INFINITY});
    writer.finish();
    EXPECT_EQ(read_file(folder / "out.csv"), "id,prediction\na,nan\nb,inf\nc,-inf\n");
}

TEST(PredictionWriter, UnwritableFolderFailsAtConstruction) {
    const TemporaryFolder folder;
    expect_error(util::ErrorKind::disk,
                 [&] { PredictionWriter writer({.path = folder / "absent/out.csv"}); });
}

}  // namespace
}  // namespace erawise::output
