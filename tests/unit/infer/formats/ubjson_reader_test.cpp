#include "infer/formats/ubjson_reader.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "infer/formats/model_events.h"
#include "support/expect_error.h"

namespace erawise::infer {
namespace {

using nlohmann::json;
using testing::ElementsAreArray;
using testing::HasSubstr;

struct Read {
    ModelDescription model;
    Forest forest;
    std::string error;
};

Read read(const std::string& bytes, ModelFormat format) {
    Read result;
    std::istringstream stream(bytes);
    ForestBuilder builder(result.forest);
    ModelEvents events(result.model, &builder, bytes.size());
    parse_model(stream, format, events);
    result.error = events.error();
    return result;
}

Read read_ubjson_bytes(const std::string& bytes) {
    return read(bytes, ModelFormat::ubjson);
}

/// A chain of splits, each with a leaf to its left; longer than the reader's buffer. Its numbers
/// need every width. Splits stand at even places, their left leaves behind them.
json long_chain(std::int32_t splits) {
    json tree;
    const auto add = [&](std::int32_t left, std::int32_t right, std::int32_t feature,
                         double condition, int default_left) {
        tree["left_children"].push_back(left);
        tree["right_children"].push_back(right);
        tree["split_indices"].push_back(feature);
        tree["split_conditions"].push_back(condition);
        tree["default_left"].push_back(default_left);
        tree["base_weights"].push_back(1.5);
    };
    for (std::int32_t i = 0; i < splits; ++i) {
        add(2 * i + 1, 2 * i + 2, i % 3, 0.1 * (i % 50), i % 2);
        add(-1, -1, 0, -0.25 * i, 0);
    }
    add(-1, -1, 0, 7, 0);
    return tree;
}

json model_of(json tree) {
    return {{"learner",
             {{"feature_names", {"feature_a", "feature_b", "feature_c"}},
              {"gradient_booster", {{"model", {{"trees", {std::move(tree)}}}}, {"name", "gbtree"}}},
              {"learner_model_param", {{"base_score", "5E-1"}, {"num_feature", "3"}}},
              {"objective", {{"name", "reg:squarederror"}}}}}};
}

TEST(UbjsonReader, GivesWhatTheSameJsonGives) {
    const json document = model_of(long_chain(20'000));
    const Read expected = read(document.dump(), ModelFormat::json);
    ASSERT_EQ(expected.error, "");
    ASSERT_EQ(expected.model.nodes, 40'001u);
    for (const bool has_sizes : {false, true}) {
        for (const bool has_types : {false, has_sizes}) {
            const std::vector<std::uint8_t> bytes = json::to_ubjson(document, has_sizes, has_types);
            const Read found = read_ubjson_bytes({bytes.begin(), bytes.end()});
            EXPECT_EQ(found.error, "");
            EXPECT_THAT(found.model.feature_names, ElementsAreArray(expected.model.feature_names));
            EXPECT_EQ(found.model.base_score, "5E-1");
            EXPECT_EQ(found.model.distinct_tests, expected.model.distinct_tests);
            ASSERT_EQ(found.forest.nodes.size(), expected.forest.nodes.size());
            EXPECT_EQ(std::memcmp(found.forest.nodes.data(), expected.forest.nodes.data(),
                                  found.forest.nodes.size() * sizeof(TreeNode)),
                      0);
        }
    }
}

TEST(UbjsonReader, NoOpsAndCharactersAreRead) {
    const Read found = read_ubjson_bytes(
        "{Ni\x07learnerN{i\x01"
        "xZi\x0d"
        "feature_names[NCaNSi\x02"
        "bcN]N}N}");
    EXPECT_EQ(found.error, "");
    EXPECT_THAT(found.model.feature_names, ElementsAreArray({"a", "bc"}));
}

TEST(UbjsonReader, SaysWhatIsWrongAndWhere) {
    const std::pair<std::string, std::string> cases[] = {
        {"{i\x10iteration_indptr[Z]}", "a null where a number is expected"},
        {"{i\x01"
         "aHi\x01"
         "1}",
         "0x48 stands where a value begins"},
        {"{i\xff"
         "a",
         "a length that is no positive whole number"},
        {"{d", "a length that is no positive whole number"},
        {"{i\x01"
         "a[$dx",
         "a container with a type and no count"},
        {"{i\x01"
         "a[$d#l\x7f\xff\xff\xff",
         "more values than the file has bytes"},
        {"{i\x01"
         "aSl\x7f\xff\xff\xffxyz",
         "the document ends early"},
        {"", "the document ends early"},
    };
    for (const auto& [bytes, what] : cases) {
        EXPECT_THAT(read_ubjson_bytes(bytes).error, HasSubstr(what)) << bytes;
    }
}

TEST(UbjsonReader, DeepNestingEnds) {
    EXPECT_THAT(read_ubjson_bytes(std::string(100'000, '[')).error, HasSubstr("levels deep"));
}

}  // namespace
}  // namespace erawise::infer
