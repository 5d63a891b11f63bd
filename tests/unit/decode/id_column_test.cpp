#include "decode/id_column.h"

#include <vector>

#include "support/expect_error.h"

namespace erawise::decode {
namespace {

using testing::HasSubstr;
using Names = std::vector<std::string>;

TEST(IdColumn, IsTheColumnIdWhereverItStands) {
    EXPECT_EQ(find_id_column(Names{"era", "id", "f"}), 1u);
    EXPECT_EQ(find_id_column(Names{"", "index", "__index_level_0__", "id"}), 3u);
}

TEST(IdColumn, IsTheIndexThatPandasPyarrowAndFastparquetWrite) {
    EXPECT_EQ(find_id_column(Names{"era", "__index_level_0__"}), 1u);
    EXPECT_EQ(find_id_column(Names{"era", "index"}), 1u);
    EXPECT_EQ(find_id_column(Names{"", "era"}), 0u);
    EXPECT_EQ(find_id_column(Names{"Unnamed: 0", "era"}), 0u);
}

TEST(IdColumn, AColumnWithoutANameIsAnIndexOnlyInFront) {
    EXPECT_EQ(find_id_column(Names{"era", ""}), std::nullopt);
    EXPECT_EQ(find_id_column(Names{}), std::nullopt);
}

TEST(IdColumn, WithoutOneTheMessageSaysHowTheFileBegins) {
    const auto refusal = [](const Names& names) {
        return test::expect_error(util::ErrorKind::data,
                                  [&] { require_id_column(names, "a.csv"); });
    };
    EXPECT_THAT(refusal({"row", "era"}), testing::AllOf(HasSubstr("a.csv: there is no column 'id'"),
                                                        HasSubstr("begin with 'row'")));
    EXPECT_THAT(refusal({"id;era;feature_a"}), HasSubstr("separated by ;"));
    EXPECT_THAT(refusal({"id\tera\tfeature_a"}), HasSubstr("separated by a tab"));
}

}  // namespace
}  // namespace erawise::decode
