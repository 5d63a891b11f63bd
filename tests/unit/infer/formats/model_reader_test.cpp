#include "infer/formats/model_reader.h"

#include <nlohmann/json.hpp>

#include <csignal>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::infer {
namespace {

using nlohmann::json;
using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;

/// Two trees: a root with two leaves, and a single leaf.
json small_model() {
    const json stump = {{"left_children", {1, -1, -1}},
                        {"right_children", {2, -1, -1}},
                        {"split_indices", {0, 0, 0}},
                        {"split_conditions", {0.5, -1.0, 1.0}},
                        {"default_left", {0, 0, 0}}};
    const json leaf = {{"left_children", {-1}},
                       {"right_children", {-1}},
                       {"split_indices", {0}},
                       {"split_conditions", {0.25}},
                       {"default_left", {0}}};
    return {
        {"learner",
         {{"attributes", {{"best_iteration", "1"}}},
          {"feature_names", {"feature_a", "feature_b"}},
          {"feature_types", {"float", "float"}},
          {"gradient_booster",
           {{"model",
             {{"gbtree_model_param", {{"num_trees", "2"}}},
              {"tree_info", {0, 0}},
              {"trees", {stump, leaf}}}},
            {"name", "gbtree"}}},
          {"learner_model_param",
           {{"base_score", "5E-1"}, {"num_class", "0"}, {"num_feature", "2"}, {"num_target", "1"}}},
          {"objective", {{"name", "reg:squarederror"}}}}},
        {"version", {2, 1, 0}}};
}

class ModelReader : public testing::Test {
  protected:
    [[nodiscard]] ModelDescription read_json(const json& document) const {
        return read_model_description(folder_.write("m.json", document.dump()));
    }
    [[nodiscard]] static std::string ubjson(const json& document) {
        const std::vector<std::uint8_t> bytes = json::to_ubjson(document);
        return {bytes.begin(), bytes.end()};
    }
    [[nodiscard]] ModelDescription read_bytes(std::string_view bytes) const {
        return read_model_description(folder_.write("m.ubj", bytes));
    }
    [[nodiscard]] std::string model_error(const json& document) const {
        return expect_error(util::ErrorKind::model,
                            [&] { static_cast<void>(read_json(document)); });
    }
    test::TemporaryFolder folder_;
};

void expect_small_model(const ModelDescription& model) {
    EXPECT_EQ(model.booster, "gbtree");
    EXPECT_EQ(model.objective, "reg:squarederror");
    EXPECT_EQ(model.base_score, "5E-1");
    EXPECT_EQ(model.num_feature, 2u);
    EXPECT_THAT(model.feature_names, ElementsAre("feature_a", "feature_b"));
    EXPECT_EQ(model.best_iteration, 1u);
    EXPECT_EQ(model.trees, 2u);
    EXPECT_EQ(model.nodes, 4u);
    EXPECT_EQ(model.max_depth, 1u);
}

TEST_F(ModelReader, ReadsJson) {
    expect_small_model(read_json(small_model()));
}

TEST_F(ModelReader, ReadsUbjson) {
    expect_small_model(read_bytes(ubjson(small_model())));
}

TEST_F(ModelReader, FormatIsToldByContentNotByName) {
    expect_small_model(read_model_description(folder_.write("m.json", ubjson(small_model()))));
}

TEST_F(ModelReader, NamesAndBestIterationMayBeAbsent) {
    json document = small_model();
    document["learner"].erase("feature_names");
    document["learner"]["attributes"] = json::object();
    const ModelDescription model = read_json(document);
    EXPECT_TRUE(model.feature_names.empty());
    EXPECT_EQ(model.best_iteration, std::nullopt);
}

TEST_F(ModelReader, UnknownKeysArePassedOver) {
    json document = small_model();
    document["learner"]["news"] = {{"name", "x"}, {"list", {1, 2}}, {"text", {"a", "b"}}};
    document["config"] = {{"num_feature", "77"}};
    expect_small_model(read_json(document));
}

TEST_F(ModelReader, SeveralOutputsPerRowAreAModelError) {
    json document = small_model();
    document["learner"]["learner_model_param"]["num_class"] = "3";
    EXPECT_THAT(model_error(document), HasSubstr("3 values per row"));
}

TEST_F(ModelReader, IncompleteModelsAreModelErrors) {
    json document = small_model();
    document["learner"].erase("gradient_booster");
    EXPECT_THAT(model_error(document), HasSubstr("gradient_booster.name is missing"));
    document = small_model();
    document["learner"]["learner_model_param"]["num_feature"] = "0";
    EXPECT_THAT(model_error(document), HasSubstr("num_feature is missing"));
    document = small_model();
    document["learner"]["feature_names"] = {"one"};
    EXPECT_THAT(model_error(document), HasSubstr("1 feature names for 2 features"));
}

TEST_F(ModelReader, TreesThatAreNoTreesAreModelErrors) {
    for (const json& children : {json{0, -1, -1}, json{5, -1, -1}, json{1, 0, -1}, json{-1, -1},
                                 json::array(), json{2, -1, -1}}) {
        json document = small_model();
        document["learner"]["gradient_booster"]["model"]["trees"][0]["left_children"] = children;
        EXPECT_THAT(model_error(document), HasSubstr("tree 0")) << children;
    }
}

TEST_F(ModelReader, TruncatedAnywhereIsAModelError) {
    for (const std::string& whole : {small_model().dump(), ubjson(small_model())}) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            SCOPED_TRACE(size);
            expect_error(util::ErrorKind::model, [&] {
                static_cast<void>(read_bytes(std::string_view(whole).substr(0, size)));
            });
        }
    }
}

TEST_F(ModelReader, FlippedBytesNeverDoMoreThanFail) {
    const std::string whole = ubjson(small_model());
    for (std::size_t position = 0; position < whole.size(); ++position) {
        for (const int flip : {0x01, 0x80, 0xFF}) {
            std::string damaged = whole;
            damaged[position] = static_cast<char>(damaged[position] ^ flip);
            try {
                static_cast<void>(read_bytes(damaged));
            } catch (const util::Error& error) {
                EXPECT_EQ(error.kind(), util::ErrorKind::model) << error.what();
            }
        }
    }
}

TEST_F(ModelReader, HugeCountsDoNotTakeHugeMemoryOrTime) {
    using std::string_literals::operator""s;
    const std::string count = "L\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    for (const std::string& value :
         {"[$Z#"s + count, "[$T#"s + count, "[$N#"s + count, "[$d#"s + count, "S"s + count,
          "{$T#"s + count, "H"s + count}) {
        const std::string document = "{i\x07learner{i\x05trees"s + value;
        SCOPED_TRACE(value);
        expect_error(util::ErrorKind::model, [&] { static_cast<void>(read_bytes(document)); });
    }
}

TEST_F(ModelReader, DeepNestingIsAModelError) {
    EXPECT_THAT(expect_error(util::ErrorKind::model,
                             [&] {
                                 static_cast<void>(
                                     read_bytes("{i\x01"
                                                "a" +
                                                std::string(1'000'000, '[')));
                             }),
                HasSubstr("levels deep"));
}

TEST_F(ModelReader, OtherFilesAreModelErrorsThatSayWhat) {
    for (const std::string_view bytes : {"", "{", "<html>", "binf....", "tree\nversion=v4\n"}) {
        SCOPED_TRACE(bytes);
        expect_error(util::ErrorKind::model, [&] { static_cast<void>(read_bytes(bytes)); });
    }
    EXPECT_THAT(expect_error(util::ErrorKind::model,
                             [&] { static_cast<void>(read_bytes("tree\nversion=v4\n")); }),
                HasSubstr("save_model"));
}

TEST_F(ModelReader, MissingFileIsADiskError) {
    expect_error(util::ErrorKind::disk,
                 [&] { static_cast<void>(read_model_description(folder_ / "absent.ubj")); });
}

TEST_F(ModelReader, ASignalEndsTheReading) {
    util::StopSignal stop;
    const auto path = folder_.write("m.json", small_model().dump());
    EXPECT_EQ(read_model_description(path, &stop).path, path);
    stop.request(SIGTERM);
    test::expect_error(util::ErrorKind::cancelled,
                       [&] { static_cast<void>(read_model_description(path, &stop)); });
    test::expect_error(util::ErrorKind::cancelled,
                       [&] { static_cast<void>(read_model(path, UINT64_MAX, &stop)); });
}

}  // namespace
}  // namespace erawise::infer
