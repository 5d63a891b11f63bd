#include "submit/remote_state.h"

#include <gtest/gtest.h>

namespace erawise::submit {
namespace {

TEST(RemoteState, CaseDoesNotMatter) {
    EXPECT_EQ(remote_state("done"), RemoteState::done);
    EXPECT_EQ(remote_state("COMPLETED"), RemoteState::done);
    EXPECT_EQ(remote_state("Failed"), RemoteState::failed);
    EXPECT_EQ(remote_state("processing"), RemoteState::pending);
}

TEST(RemoteState, WhatSaysNothingIsPendingAndWhatIsNewUnknown) {
    EXPECT_EQ(remote_state(""), RemoteState::pending);
    EXPECT_EQ(remote_state("not done"), RemoteState::unknown);
}

}  // namespace
}  // namespace erawise::submit
