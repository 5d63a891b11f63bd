#include "predict/feature_sets.h"

#include <array>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;
using util::ErrorKind;

class SetsOfFeatures : public testing::Test {
  protected:
    test::TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.write(
        "features.json",
        R"({"feature_stats": {"a": {"x": ["s"]}}, "targets": ["t"],)"
        R"( "feature_sets": {"small": ["b", "a"], "all": ["a", "b", "c"]}, "more": ["d"]})");
};

TEST_F(SetsOfFeatures, KeepTheirOrder) {
    EXPECT_THAT(read_feature_set(file_, "small"), ElementsAre("b", "a"));
    EXPECT_THAT(FeatureSets(file_).names("all"), ElementsAre("a", "b", "c"));
}

TEST_F(SetsOfFeatures, ThatAreNotThereAreNamedBesideThoseThatAre) {
    EXPECT_THAT(expect_error(ErrorKind::usage, [&] { read_feature_set(file_, "smal"); }),
                HasSubstr("no feature set 'smal'; it has small, all"));
}

TEST_F(SetsOfFeatures, OfOtherDocumentsAreErrors) {
    const auto read = [&](const char* text) {
        return [this, text] { read_feature_set(folder_.write("other.json", text), "small"); };
    };
    expect_error(ErrorKind::data, read("{\"feature_sets\": {"));
    expect_error(ErrorKind::data, read("{\"features\": []}"));
    EXPECT_THAT(
        expect_error(ErrorKind::disk, [&] { read_feature_set(folder_ / "absent", "small"); }),
        HasSubstr("which features are in the set 'small'"));
}

TEST_F(SetsOfFeatures, TellWhichFeaturesNoneHas) {
    const std::array<std::string, 4> asked = {"d", "c", "s", "a"};
    EXPECT_THAT(features_in_no_set(file_, asked), ElementsAre("d", "s"));
}

TEST_F(SetsOfFeatures, ThatCouldNotBeHadSayWhy) {
    const FeatureSets sets(file_, util::Error(ErrorKind::network, "gave up"));
    EXPECT_EQ(expect_error(ErrorKind::network, [&] { std::ignore = sets.names("small"); }),
              "gave up");
}

}  // namespace
}  // namespace erawise
