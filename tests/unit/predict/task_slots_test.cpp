#include "predict/task_slots.h"

#include <array>

#include "support/expect_error.h"

namespace erawise {
namespace {

using test::expect_error;
using util::Error;
using util::ErrorKind;

constexpr std::array<std::size_t, 1> kFirst = {0};
constexpr std::array<std::size_t, 1> kSecond = {1};
constexpr std::array<std::size_t, 2> kBoth = {0, 1};

[[noreturn]] void fail(const char* message) {
    throw Error(ErrorKind::model, message);
}

TEST(TaskSlots, AnErrorEndsTheTasksThatShareTheWork) {
    TaskSlots slots(3);
    slots.attempt(kBoth, [] { fail("damaged"); });
    EXPECT_FALSE(slots.is_left(0));
    EXPECT_FALSE(slots.is_left(1));
    EXPECT_TRUE(slots.is_left(2));
    EXPECT_STREQ(slots.error(1)->what(), "damaged");
    slots.require_any();
}

TEST(TaskSlots, TheFirstErrorOfATaskStays) {
    TaskSlots slots(2);
    slots.attempt(kFirst, [] { fail("first"); });
    slots.attempt(kBoth, [] { fail("second"); });
    EXPECT_STREQ(slots.error(0)->what(), "first");
    EXPECT_STREQ(slots.error(1)->what(), "second");
}

TEST(TaskSlots, NothingIsDoneForTasksThatHaveEnded) {
    TaskSlots slots(2);
    slots.fail(0, Error(ErrorKind::disk, "full"));
    slots.attempt(kFirst, [] { FAIL() << "nobody needs it"; });
}

TEST(TaskSlots, WorkThatOneTaskStillNeedsIsDone) {
    TaskSlots slots(2);
    slots.fail(0, Error(ErrorKind::disk, "full"));
    bool done = false;
    slots.attempt(kBoth, [&] { done = true; });
    EXPECT_TRUE(done);
}

TEST(TaskSlots, ASignalEndsEverything) {
    TaskSlots slots(2);
    expect_error(ErrorKind::cancelled, [&] {
        slots.attempt(kFirst, [] { throw Error(ErrorKind::cancelled, "SIGTERM"); });
    });
    EXPECT_TRUE(slots.is_left(0));
}

TEST(TaskSlots, WhenNoneIsLeftTheFirstTasksErrorIsThrown) {
    TaskSlots slots(2);
    slots.attempt(kSecond, [] { fail("of the second"); });
    slots.require_any();
    slots.attempt(kFirst, [] { throw Error(ErrorKind::data, "of the first"); });
    EXPECT_EQ(expect_error(ErrorKind::data, [&] { slots.require_any(); }), "of the first");
}

TEST(TaskSlots, WithoutTasksThereIsNoError) {
    TaskSlots(0).require_any();
}

}  // namespace
}  // namespace erawise
