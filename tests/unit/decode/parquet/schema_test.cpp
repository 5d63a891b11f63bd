#include "decode/parquet/schema.h"

#include "support/expect_error.h"

namespace erawise::decode {
namespace {

using test::expect_error;
using testing::HasSubstr;

std::string varint(std::uint64_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7) {
        bytes += static_cast<char>(value | 0x80);
    }
    return bytes + static_cast<char>(value);
}

std::string number(std::uint64_t value) {
    return varint(2 * value);  // zigzag
}

/// Fields of a schema element in Thrift's compact protocol, in the order of the format.
struct ElementBytes {
    int type = -1;
    int repetition = -1;
    std::string name;
    int children = -1;
    std::string rest = {};  ///< behind field 4, where there are no children

    [[nodiscard]] std::string bytes() const {
        std::string bytes;
        int last = 0;
        const auto add = [&](int id, int kind, const std::string& value) {
            bytes += static_cast<char>((id - last) << 4 | kind);
            bytes += value;
            last = id;
        };
        if (type >= 0) {
            add(1, 5, number(static_cast<unsigned>(type)));
        }
        if (repetition >= 0) {
            add(3, 5, number(static_cast<unsigned>(repetition)));
        }
        add(4, 8, varint(name.size()) + name);
        if (children >= 0) {
            add(5, 5, number(static_cast<unsigned>(children)));
        }
        return bytes + rest + '\0';
    }
};

ParquetSchema parse(const std::vector<ElementBytes>& elements) {
    std::string bytes = "\xFC" + varint(elements.size());  // a list of structs
    for (const ElementBytes& element : elements) {
        bytes += element.bytes();
    }
    ThriftReader reader(bytes, {}, "data.parquet", 0);
    return read_schema(reader, ThriftReader::Type::list);
}

constexpr int kInt32 = 1;
constexpr int kText = 6;
constexpr int kOptional = 1;
constexpr int kRepeated = 2;

TEST(ParquetSchema, ColumnsAreTheFieldsOfTheRoot) {
    const ParquetSchema schema = parse({{.name = "schema", .children = 3},
                                        {.type = kInt32, .repetition = kOptional, .name = "a"},
                                        {.repetition = kOptional, .name = "pair", .children = 2},
                                        {.type = kInt32, .name = "x"},
                                        {.name = "inner", .children = 1},
                                        {.type = kText, .name = "y"},
                                        {.type = kText, .name = "b"}});
    ASSERT_EQ(schema.columns.size(), 3u);
    EXPECT_EQ(schema.leaves, 4u);
    EXPECT_EQ(describe(schema.columns[0]), "of type INT32");
    EXPECT_TRUE(schema.columns[0].is_optional);
    EXPECT_EQ(describe(schema.columns[1]), "a struct");
    EXPECT_EQ(schema.columns[1].leaf, 1u);
    EXPECT_EQ(schema.columns[2].name, "b");
    EXPECT_EQ(schema.columns[2].leaf, 3u);
}

TEST(ParquetSchema, RepeatedColumnsAreLists) {
    const ParquetSchema schema = parse({{.name = "schema", .children = 2},
                                        {.type = kInt32, .repetition = kRepeated, .name = "a"},
                                        {.repetition = kRepeated, .name = "b", .children = 1},
                                        {.type = kText, .name = "c"}});
    EXPECT_EQ(describe(schema.columns[0]), "a list of INT32");
    EXPECT_EQ(describe(schema.columns[1]), "a list of BYTE_ARRAY");
}

TEST(ParquetSchema, AnyDepthIsTaken) {
    std::vector<ElementBytes> elements = {{.name = "schema", .children = 2}};
    for (int depth = 0; depth < 10'000; ++depth) {
        elements.push_back({.name = "level", .children = 1});
    }
    elements.push_back({.type = kInt32, .name = "leaf"});
    elements.push_back({.type = kInt32, .name = "feature_a"});
    const ParquetSchema schema = parse(elements);
    EXPECT_EQ(schema.columns[0].name, "level");
    EXPECT_EQ(schema.columns[1].leaf, 1u);
}

TEST(ParquetSchema, OfALongNameTheBeginningIsKept) {
    const ParquetSchema schema = parse({{.name = "schema", .children = 2},
                                        {.type = kInt32, .name = std::string(10'000, 'x')},
                                        {.type = kInt32, .name = std::string(1'000'000, 'y')}});
    EXPECT_EQ(schema.columns[0].name.size(), 10'000u);
    EXPECT_EQ(schema.columns[1].name.size(), 65'536u);
}

TEST(ParquetSchema, AnnotationsSayWhatValuesMean) {
    const auto meaning = [](int type, const std::string& rest) {
        return parse({{.name = "schema", .children = 1}, {.type = type, .name = "a", .rest = rest}})
            .columns[0]
            .meaning;
    };
    const auto converted = [](int kind) { return "\x25" + number(static_cast<unsigned>(kind)); };
    const auto logical = [](int kind) {  // field 10, a union with an empty struct
        return std::string("\x6C") + static_cast<char>(12) + number(static_cast<unsigned>(kind)) +
               std::string(2, '\0');
    };
    EXPECT_EQ(meaning(kInt32, ""), Meaning::number);
    EXPECT_EQ(meaning(kText, ""), Meaning::text);
    EXPECT_EQ(meaning(kInt32, converted(5)), Meaning::decimal);
    EXPECT_EQ(meaning(kInt32, converted(6)), Meaning::date);
    EXPECT_EQ(meaning(kInt32, converted(13)), Meaning::unsigned_number);
    EXPECT_EQ(meaning(kInt32, logical(5)), Meaning::decimal);
    EXPECT_EQ(meaning(kText, logical(14)), Meaning::uuid);
    EXPECT_EQ(meaning(kText, logical(99)), Meaning::text) << "of a format to come";
    EXPECT_EQ(meaning(kText, converted(99)), Meaning::text);
}

TEST(ParquetSchema, GroupsThatDoNotAddUpAreDamage) {
    const auto message = [](const std::vector<ElementBytes>& elements) {
        return expect_error(util::ErrorKind::data, [&] { parse(elements); });
    };
    const ElementBytes leaf{.type = kInt32, .name = "a"};
    EXPECT_THAT(message({}), HasSubstr("fewer columns than its groups, or none"));
    EXPECT_THAT(message({{.name = "schema", .children = 2}, leaf}), HasSubstr("fewer columns"));
    EXPECT_THAT(message({{.name = "schema", .children = 1}, leaf, leaf}),
                HasSubstr("more columns than its groups"));
    EXPECT_THAT(message({{.name = "schema", .children = 1}, {.type = 8, .name = "a"}}),
                testing::AllOf(HasSubstr("the type 8"), testing::Not(HasSubstr("download"))));
}

}  // namespace
}  // namespace erawise::decode
