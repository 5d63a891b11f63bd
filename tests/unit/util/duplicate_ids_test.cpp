#include "util/duplicate_ids.h"

#include <gtest/gtest.h>

namespace erawise::util {
namespace {

/// Ids "0" to "n-1" and then `last`, at places from 1; counts how often they are gone through.
struct Ids {
    std::uint64_t count;
    std::string last;
    int passes = 0;

    std::optional<DuplicateId> find(std::size_t ids_at_a_time) {
        return find_duplicate_id(
            [&](auto&& body) {
                ++passes;
                for (std::uint64_t i = 0; i < count; ++i) {
                    body(std::string_view(std::to_string(i)), i + 1);
                }
                body(std::string_view(last), count + 1);
            },
            ids_at_a_time);
    }
};

TEST(DuplicateIds, AreFoundWithBothPlacesHoweverLittleRoomThereIs) {
    for (const std::size_t room : {4u, 100u, 1000u, 1001u, 5000u}) {
        Ids ids{1000, "77"};
        const auto found = ids.find(room);
        ASSERT_TRUE(found) << room;
        EXPECT_EQ(found->id, "77");
        EXPECT_EQ(found->first, 78u);
        EXPECT_EQ(found->second, 1001u);
    }
}

TEST(DuplicateIds, UniqueIdsPassInOnePassWhereThereIsRoom) {
    Ids ids{1000, "1000"};
    EXPECT_FALSE(ids.find(1001));
    EXPECT_EQ(ids.passes, 1);
    EXPECT_FALSE(ids.find(100));
    EXPECT_GT(ids.passes, 10);
}

}  // namespace
}  // namespace erawise::util
