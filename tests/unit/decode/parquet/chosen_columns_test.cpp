#include "decode/parquet/chosen_columns.h"

#include <string>
#include <vector>

#include "support/expect_error.h"

namespace erawise::decode {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;

/// The columns of a file, by their names.
class ChosenColumnsTest : public testing::Test {
  protected:
    ChosenColumnsTest() {
        add("era", PhysicalType::byte_array, Meaning::text);
        add("feature_b", PhysicalType::int32);
        add("id", PhysicalType::byte_array, Meaning::text);
        add("feature_a", PhysicalType::float32);
        add("data_type", PhysicalType::byte_array, Meaning::text);
    }
    void add(const std::string& name, PhysicalType type, Meaning meaning = Meaning::number) {
        columns_.push_back({.name = name, .type = type, .meaning = meaning});
    }
    ChosenColumns choose(const std::vector<SelectedColumn>& selected,
                         const std::string& data_type = "") {
        names_.clear();
        for (const ParquetColumn& column : columns_) {
            names_.push_back(column.name);
        }
        return choose_columns({.file = kFile, .names = names_, .columns = columns_}, selected,
                              data_type);
    }
    std::string refusal(const std::vector<SelectedColumn>& selected,
                        const std::string& data_type = "") {
        return expect_error(util::ErrorKind::data,
                            [&] { static_cast<void>(choose(selected, data_type)); });
    }

    const std::string kFile = "live.parquet";
    std::vector<ParquetColumn> columns_;
    std::vector<std::string> names_;
};

TEST_F(ChosenColumnsTest, FeaturesStandInTheOrderThatIsAskedForThenWhatSaysWhatARowIs) {
    const ChosenColumns choice = choose({{"feature_a"}, {"feature_b"}, {"feature_a"}}, "live");
    EXPECT_THAT(choice.columns(), ElementsAre(3, 1, 3, 2, 0, 4));
    EXPECT_EQ(choice.ids, 2u);
    EXPECT_EQ(choice.eras, 0u);
    EXPECT_EQ(choice.data_types, 4u);
}

TEST_F(ChosenColumnsTest, KindsOfRowsAreReadWhereRowsAreChosenByThem) {
    EXPECT_EQ(choose({{"feature_a"}}).data_types, std::nullopt);
    columns_.pop_back();
    EXPECT_THAT(refusal({{"feature_a"}}, "live"), HasSubstr("'data_type'"));
}

TEST_F(ChosenColumnsTest, WithoutErasTheFileIsOne) {
    columns_.erase(columns_.begin());
    const ChosenColumns choice = choose({{"feature_a"}});
    EXPECT_EQ(choice.eras, std::nullopt);
    EXPECT_THAT(choice.columns(), ElementsAre(2, 1));
}

TEST_F(ChosenColumnsTest, WhatCannotBeReadIsNamedWithItsNumber) {
    EXPECT_THAT(refusal({{"feature_c"}}), HasSubstr("no column 'feature_c'"));
    EXPECT_THAT(refusal({{"id"}}),
                testing::AllOf(HasSubstr("'id' (number 3)"), HasSubstr("is no number")));
    columns_[1].meaning = Meaning::decimal;
    EXPECT_THAT(refusal({{"feature_b"}}), HasSubstr("write it as a float"));
    columns_[2] = {.name = "id", .type = PhysicalType::float32};
    EXPECT_THAT(refusal({{"feature_a"}}), HasSubstr("ids are strings"));
}

TEST_F(ChosenColumnsTest, ANameThatIsThereTwiceIsRefusedWhereItIsUsed) {
    add("feature_a", PhysicalType::float32);
    EXPECT_EQ(choose({{"feature_b"}}).features[0].index, 1u);
    EXPECT_THAT(refusal({{"feature_a"}}), HasSubstr("columns 4 and 6"));
    add("era", PhysicalType::byte_array, Meaning::text);
    EXPECT_THAT(refusal({{"feature_b"}}), HasSubstr("columns 1 and 7"));
}

}  // namespace
}  // namespace erawise::decode
