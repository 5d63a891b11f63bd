#include "util/id_set.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace erawise::util {
namespace {

IdSet set_of(std::initializer_list<std::string_view> ids) {
    IdSet set;
    for (const std::string_view id : ids) {
        set.add(id);
    }
    return set;
}

TEST(IdSet, DoesNotDependOnTheOrder) {
    EXPECT_EQ(set_of({"n1", "n2", "n3"}), set_of({"n3", "n1", "n2"}));
    EXPECT_EQ(set_of({"n1", "n2"}).count(), 2u);
}

TEST(IdSet, DiffersWhereAnIdDoes) {
    const IdSet set = set_of({"n0007b5abb0c3a25", "n00000000000000a"});
    EXPECT_NE(set, set_of({"n0007b5abb0c3a25"}));
    EXPECT_NE(set, set_of({"n0007b5abb0c3a25", "n00000000000000b"}));
    EXPECT_NE(set, set_of({"n0007b5abb0c3a25", "n0007b5abb0c3a25"}));
    EXPECT_NE(set_of({"ab", "c"}), set_of({"a", "bc"}));
    EXPECT_NE(set_of({"a"}), set_of({std::string_view("a\0", 2)}));
    EXPECT_NE(set_of({"aa", "bb"}), set_of({"ab", "ba"}));
}

TEST(IdSet, TellsManyIdsApart) {
    for (int i = 0; i < 20000; ++i) {
        const std::string id = "n" + std::to_string(i);
        ASSERT_NE(set_of({id}), set_of({"n" + std::to_string(i + 1)}));
    }
}

}  // namespace
}  // namespace erawise::util
