#include "infer/feature_match.h"

#include "support/expect_error.h"

namespace erawise::infer {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;
using Names = std::vector<std::string>;

ModelDescription model_with(Names names, std::uint32_t features) {
    ModelDescription model;
    model.path = "m.ubj";
    model.feature_names = std::move(names);
    model.num_feature = features;
    return model;
}

TEST(FeatureNames, ComeFromTheModelWhenItHasThem) {
    EXPECT_THAT(feature_names_of(model_with({"b", "a"}, 2), Names{"x"}, Names{"a", "b", "c"}),
                ElementsAre("b", "a"));
}

TEST(FeatureNames, ComeFromTheConfigurationElseFromTheData) {
    const ModelDescription nameless = model_with({}, 2);
    EXPECT_THAT(feature_names_of(nameless, Names{"b", "a"}, Names{"x", "y", "z"}),
                ElementsAre("b", "a"));
    EXPECT_THAT(feature_names_of(nameless, {}, Names{"x", "y"}), ElementsAre("x", "y"));
}

TEST(FeatureNames, OfAnotherNumberAreAModelError) {
    const ModelDescription nameless = model_with({}, 2);
    EXPECT_THAT(
        expect_error(util::ErrorKind::model, [&] { feature_names_of(nameless, {}, Names{"x"}); }),
        HasSubstr("has 2 features, but the data has 1"));
    EXPECT_THAT(expect_error(util::ErrorKind::model,
                             [&] { feature_names_of(nameless, Names{"x"}, Names{"x", "y"}); }),
                HasSubstr("the configuration lists 1"));
}

TEST(FeatureNames, AreDifferentFromEachOther) {
    EXPECT_THAT(expect_error(util::ErrorKind::model,
                             [&] {
                                 feature_names_of(model_with({}, 3), Names{"a", "b", "a"},
                                                  Names{"a", "b", "c"});
                             }),
                HasSubstr("'a' twice, at 0 and 2"));
    EXPECT_FALSE(find_repeated_name(Names{"a", "b", "A"}));
}

TEST(RequireFeatures, ListsTheFirstFewThatAreMissing) {
    const Names features = {"a", "b", "c", "d", "e", "f", "g"};
    const std::string message = expect_error(util::ErrorKind::model, [&] {
        require_features(model_with(features, 7), features, Names{"g", "x"}, "live.csv");
    });
    EXPECT_THAT(message, HasSubstr("6 of its 7 features are not in live.csv"));
    EXPECT_THAT(message, HasSubstr("'a', 'b', 'c', 'd', 'e', ..."));
    EXPECT_NO_THROW(require_features(model_with({}, 1), Names{"g"}, Names{"g", "x"}, "live.csv"));
}

TEST(FeatureUnion, GivesEachFeatureOnePlace) {
    FeatureUnion all;
    EXPECT_THAT(all.add(Names{"a", "b"}), ElementsAre(0, 1));
    EXPECT_THAT(all.add(Names{"c", "b", "c"}), ElementsAre(2, 1, 2));
    EXPECT_THAT(all.names(), ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace erawise::infer
