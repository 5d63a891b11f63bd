#include "decode/parquet/page_policy.h"

#include <gtest/gtest.h>

#include <ostream>

namespace erawise::decode {

std::ostream& operator<<(std::ostream& out, GroupWay way) {
    constexpr const char* kNames[] = {"decoded", "in_slices", "decoded_again", "spilled"};
    return out << kNames[static_cast<int>(way)];
}

namespace {

constexpr std::size_t kWindow = 20'000;
constexpr GroupNeeds kLong{
    .rows = 300'000, .page_rows = 300'000, .features = 1, .sliceable = 0, .other_rows = 300'000};
constexpr GroupNeeds kSliceable{
    .rows = 300'000, .page_rows = 300'000, .features = 1, .sliceable = 1, .other_rows = 0};
constexpr GroupMeans kSpills{.plan = LongPages::spilled,
                             .window_rows = kWindow,
                             .has_room_to_spill = true,
                             .takes_spill_files = true};
constexpr GroupMeans kSlices{.plan = LongPages::in_slices,
                             .window_rows = kWindow,
                             .has_room_to_spill = false,
                             .takes_spill_files = true};

TEST(PagePolicy, PagesOfFewWindowsAreDecodedWhateverTheyAreLike) {
    for (GroupNeeds needs : {kLong, kSliceable}) {
        needs.page_rows = kMostDecodes * kWindow;
        needs.other_rows = 0;
        EXPECT_EQ(choose_way(needs, kSpills), GroupWay::decoded);
        EXPECT_EQ(choose_way(needs, kSlices), GroupWay::decoded);
        ++needs.page_rows;
        EXPECT_NE(choose_way(needs, kSpills), GroupWay::decoded);
    }
}

TEST(PagePolicy, AGroupThatFitsTheWindowIsDecodedOnce) {
    GroupNeeds needs = kLong;
    needs.rows = kWindow;
    EXPECT_EQ(choose_way(needs, kSpills), GroupWay::decoded);
    needs.rows = kWindow + 1;
    EXPECT_EQ(choose_way(needs, kSpills), GroupWay::spilled);
}

TEST(PagePolicy, ThePlanSaysWhetherLongPagesAreSpilledOrRead) {
    EXPECT_EQ(choose_way(kLong, kSpills), GroupWay::spilled);
    EXPECT_EQ(choose_way(kSliceable, kSpills), GroupWay::spilled) << "others are not sliceable";
    EXPECT_EQ(choose_way(kSliceable, kSlices), GroupWay::in_slices);
}

TEST(PagePolicy, AGroupUnlikeTheFirstIsSpilledWhereThereIsRoom) {
    EXPECT_EQ(choose_way(kLong, kSlices), GroupWay::decoded_again);
    GroupMeans means = kSlices;
    means.has_room_to_spill = true;
    EXPECT_EQ(choose_way(kLong, means), GroupWay::spilled);
}

TEST(PagePolicy, WithoutAFolderPagesAreDecodedAgain) {
    GroupMeans means = kSpills;
    means.takes_spill_files = false;
    EXPECT_EQ(choose_way(kLong, means), GroupWay::decoded_again);
    means = kSlices;
    means.takes_spill_files = false;
    EXPECT_EQ(choose_way(kSliceable, means), GroupWay::in_slices) << "slices need none";
}

/// A page reaches into 16 windows: for a fifth of the features that is more than three times all.
TEST(PagePolicy, AllFeaturesOfAGroupDecideNotOneOfThem) {
    GroupMeans means = kSlices;
    means.has_room_to_spill = true;
    GroupNeeds needs{.rows = 300'000,
                     .page_rows = 300'000,
                     .features = 300,
                     .sliceable = 250,
                     .other_rows = 300'000};
    EXPECT_EQ(choose_way(needs, means), GroupWay::in_slices);
    needs.sliceable = 240;
    EXPECT_EQ(choose_way(needs, means), GroupWay::spilled);
    EXPECT_EQ(choose_way(needs, kSlices), GroupWay::decoded_again) << "there is no room";
    needs.other_rows = 20'000;
    EXPECT_EQ(choose_way(needs, means), GroupWay::in_slices) << "the others' pages are short";
}

TEST(PagePolicy, AllFeaturesAreLookedAtOnlyWhereThatCanChangeTheWay) {
    GroupMeans means = kSlices;
    means.has_room_to_spill = true;
    EXPECT_TRUE(wants_all_features(kSliceable, means));
    EXPECT_TRUE(wants_all_features(kLong, means)) << "the others may be sliceable";
    EXPECT_FALSE(wants_all_features(kSliceable, kSlices)) << "there is no room to spill";
    EXPECT_FALSE(wants_all_features(kSliceable, kSpills));
    GroupNeeds needs = kSliceable;
    needs.page_rows = kWindow;
    EXPECT_FALSE(wants_all_features(needs, means)) << "pages are short";
}

TEST(PagePolicy, SlicesArePlannedWhereAllPagesAreSliceable) {
    EXPECT_EQ(plan_long_pages({.sliceable = 300}, 300, {}), LongPages::in_slices);
    EXPECT_EQ(plan_long_pages({.sliceable = 0, .other_rows = 300'000}, 300, {}),
              LongPages::spilled);
    EXPECT_EQ(plan_long_pages({}, 0, {}), LongPages::spilled) << "there is nothing to read";
}

TEST(PagePolicy, AFewPagesThatAreNotSliceableAreDecodedForEachWindow) {
    // Of 300,000 rows, in 15 windows: for a fifth of the features that is three times all of them.
    EXPECT_EQ(plan_long_pages({.sliceable = 240, .other_rows = 300'000}, 300, {}),
              LongPages::in_slices);
    EXPECT_EQ(plan_long_pages({.sliceable = 239, .other_rows = 300'000}, 300, {}),
              LongPages::spilled);
    EXPECT_EQ(plan_long_pages({.sliceable = 1, .other_rows = 20'000}, 300, {}),
              LongPages::in_slices)
        << "short pages are decoded once anyway";
}

TEST(PagePolicy, LargePagesOfIdsAreSpilledWithTheirGroup) {
    EXPECT_EQ(plan_long_pages({.sliceable = 300}, 300,
                              {.large_bytes = 5'000'000, .largest_page_bytes = 5'000'000}),
              LongPages::spilled);
}

TEST(GroupFacts, AreTheSameWhateverTheOrder) {
    const PageFacts sliced{.page_rows = 10, .is_sliceable = true, .page_bytes = 100};
    const PageFacts shorter{.page_rows = 20, .page_bytes = 50, .held_bytes = 50};
    const PageFacts longer{.page_rows = 30, .held_bytes = 70, .dictionary_bytes = 7};
    GroupFacts forwards;
    forwards.add(sliced, 0);
    forwards.add(shorter, 1);
    forwards.add(longer, 2);
    forwards.add(longer, 3);
    GroupFacts backwards;
    backwards.add(longer, 3);
    GroupFacts rest;
    rest.add(longer, 2);
    rest.add(sliced, 0);
    rest.add(shorter, 1);
    backwards.add(rest);
    for (const GroupFacts& facts : {forwards, backwards}) {
        EXPECT_EQ(facts.sliceable, 1u);
        EXPECT_EQ(facts.sample, 0u);
        EXPECT_EQ(facts.other_rows, 30u);
        EXPECT_EQ(facts.other_sample, 2u) << "the first of the longest";
        EXPECT_EQ(facts.most_bytes, 100u);
        EXPECT_EQ(facts.most_held_bytes, 70u);
        EXPECT_EQ(facts.dictionary_bytes, 7u);
    }
}

}  // namespace
}  // namespace erawise::decode
