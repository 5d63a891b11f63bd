#include "submit/submission_check.h"

#include <gmock/gmock.h>

#include <fstream>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::submit {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using util::ErrorKind;

class SubmissionCheckTest : public testing::Test {
  protected:
    CheckedSubmission check(const std::string& text) {
        return check_submission(folder_.write("p.csv", text));
    }
    std::string refusal(const std::string& text) {
        return test::expect_error(ErrorKind::rejected, [&] { check(text); });
    }

    test::TemporaryFolder folder_;
};

TEST_F(SubmissionCheckTest, AGoodFilePasses) {
    const auto checked = check("id,prediction\nn1,0.25\nn2,7.5e-1\nn3,0\nn4,1\n");
    EXPECT_EQ(checked.rows, 4u);
    EXPECT_EQ(checked.minimum, 0);
    EXPECT_EQ(checked.maximum, 1);
    EXPECT_EQ(check("id,probability\r\nn1,0.1\r\nn2,0.2").rows, 2u);
    EXPECT_EQ(check("\xef\xbb\xbf\"id\",prediction\nn1, 0.1\nn2,0.2 \n").rows, 2u);
    EXPECT_EQ(check("id,prediction\n\"n,1\",0.1\n\"n\"\"2\",0.2\n").rows, 2u);
    EXPECT_EQ(check("\"id\",\"prediction\"\n\"n1\",\"0.1\"\nn2,0.2\n\n").rows, 2u);
}

TEST_F(SubmissionCheckTest, TheIdsAreThoseOfTheLiveData) {
    util::IdSet live;
    for (const char* const id : {"n1", "n2", "n3"}) {
        live.add(id);
    }
    const auto refusal_of = [&](const std::string& text) {
        const auto file = folder_.write("p.csv", text);
        return test::expect_error(ErrorKind::rejected, [&] { check_submission(file, live); });
    };
    const auto good = folder_.write("p.csv", "id,prediction\nn3,0.3\nn1,0.1\nn2,0.2\n");
    EXPECT_EQ(check_submission(good, live).rows, 3u);
    EXPECT_THAT(refusal_of("id,prediction\nn1,0.1\nn2,0.2\n"),
                AllOf(HasSubstr("Not enough stocks submitted"), HasSubstr("2 of the 3")));
    EXPECT_THAT(refusal_of("id,prediction\nn1,0.1\nn2,0.2\nn4,0.3\n"),
                HasSubstr("not those of the live data"));
    EXPECT_THAT(refusal_of("id,prediction\nn1,0.1\nn2,0.2\nn3,0.3\nn4,0.4\n"),
                HasSubstr("not those of the live data"));
}

TEST_F(SubmissionCheckTest, TheHeaderIsExactlyTwoColumns) {
    for (const char* const header :
         {"id,prediction_kazutsugi", "prediction,id", "id,prediction,era", "id", "n1,0.5",
          "id, prediction", "ID,prediction", ",prediction", "index,prediction"}) {
        EXPECT_THAT(refusal(std::string(header) + "\nn1,0.1\nn2,0.2\n"),
                    HasSubstr("invalid_submission_headers"))
            << header;
    }
    EXPECT_THAT(refusal(""), HasSubstr("the file is empty"));
}

TEST_F(SubmissionCheckTest, AFileWithoutRowsIsRefused) {
    EXPECT_THAT(refusal("id,prediction\n"), HasSubstr("Not enough stocks submitted"));
}

TEST_F(SubmissionCheckTest, AnIdMustBeThere) {
    EXPECT_THAT(refusal("id,prediction\nn1,0.1\n,0.2\n"),
                AllOf(HasSubstr("invalid_submission_ids"), HasSubstr("line 3")));
}

TEST_F(SubmissionCheckTest, DuplicatesAreNamedWithBothLines) {
    EXPECT_THAT(refusal("id,prediction\nn1,0.1\nn2,0.2\nn1,0.3\n"),
                AllOf(HasSubstr("Duplicates detected"), HasSubstr("n1 (lines 2 and 4)")));
}

TEST_F(SubmissionCheckTest, IdsAreCheckedBeforeValues) {
    EXPECT_THAT(refusal("id,prediction\nn1,nan\nn2,9\nn1,0.3\n"),
                HasSubstr("invalid_submission_ids"));
}

TEST_F(SubmissionCheckTest, ValuesMustBeThere) {
    for (const char* const value : {"", "nan", "NaN", "NA", "<NA>", "None", "#N/A", "\"\""}) {
        EXPECT_THAT(refusal(std::string("id,prediction\nn1,0.1\nn2,") + value + "\n"),
                    AllOf(HasSubstr("must not contain NaNs"), HasSubstr("line 3")));
    }
}

TEST_F(SubmissionCheckTest, ValuesMustBeNumbers) {
    for (const char* const value : {"x", "50%", "inf", "[0.5]", "True", "0x1p-1", " nan"}) {
        EXPECT_THAT(refusal(std::string("id,prediction\nn1,0.1\nn2,") + value + "\n"),
                    HasSubstr("must be numbers"));
    }
}

TEST_F(SubmissionCheckTest, ValuesMustLieWithinTheRange) {
    for (const char* const value : {"1.0000000000002", "-1e-9", "7"}) {
        EXPECT_THAT(refusal(std::string("id,prediction\nn1,0.1\nn2,") + value + "\n"),
                    AllOf(HasSubstr("between 0 and 1"), HasSubstr("--transform rank")));
    }
}

TEST_F(SubmissionCheckTest, ValuesMustDiffer) {
    EXPECT_THAT(refusal("id,prediction\nn1,0.5\nn2,0.5\nn3,0.5\n"),
                HasSubstr("non-zero standard deviation"));
    EXPECT_THAT(refusal("id,prediction\nn1,0.5\nn2,0.500000001\n"),
                HasSubstr("non-zero standard deviation"));
    EXPECT_EQ(check("id,prediction\nn1,0.5\nn2,0.50001\n").rows, 2u);
}

TEST_F(SubmissionCheckTest, ARowHasTwoFields) {
    EXPECT_THAT(refusal("id,prediction\nn1,0.1\nn2\n"), HasSubstr("line 3"));
    EXPECT_THAT(refusal("id,prediction\nn1,0.1,0.2\nn2,0.1\n"), HasSubstr("line 2"));
}

TEST_F(SubmissionCheckTest, TextThatIsNoCsvIsRefusedWithThePlace) {
    EXPECT_THAT(refusal("id,prediction\nn1,0.1\n\"n2,0.2\n"),
                HasSubstr("line 3, field 1: the quote that opens there is never closed"));
    EXPECT_THAT(refusal("id,prediction\rn1,0.1\rn2,0.2\r"), HasSubstr("carriage returns"));
}

TEST_F(SubmissionCheckTest, AFileThatIsNoTextIsRefusedInBoundedMemory) {
    EXPECT_THAT(refusal("id,prediction\n" + std::string(1'000'000, 'x')),
                HasSubstr("line 2 is longer than 128.0 KiB"));
    EXPECT_THAT(refusal("\x1F\x8B\x08 and more"), HasSubstr("gzip"));
}

TEST_F(SubmissionCheckTest, MoreIdsThanMemoryIsPlannedForTakeSeveralPasses) {
    const auto path = folder_.path() / "large.csv";
    std::ofstream stream(path);
    stream << "id,prediction\n";
    for (int i = 0; i < 600'000; ++i) {
        stream << 'n' << i << ",0." << i % 10 << '\n';
    }
    stream.flush();
    EXPECT_EQ(check_submission(path).rows, 600'000u);
    stream << "n77,0.5\n";
    stream.close();
    EXPECT_THAT(test::expect_error(ErrorKind::rejected, [&] { check_submission(path); }),
                HasSubstr("n77 (lines 79 and 600002)"));
}

TEST_F(SubmissionCheckTest, AMissingFileIsDiskError) {
    test::expect_error(ErrorKind::disk, [&] { check_submission(folder_.path() / "none"); });
    test::expect_error(ErrorKind::disk, [&] { check_submission(folder_.path()); });
}

}  // namespace
}  // namespace erawise::submit
