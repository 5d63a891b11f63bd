#include "util/severity.h"

#include <gtest/gtest.h>

namespace erawise::util {
namespace {

TEST(Severity, WhatARerunMendsComesLastAndWhatOnlyAPersonCanMendFirst) {
    EXPECT_LT(severity(ErrorKind::network), severity(ErrorKind::data));
    EXPECT_LT(severity(ErrorKind::model), severity(ErrorKind::rejected));
    EXPECT_LT(severity(ErrorKind::rejected), severity(ErrorKind::usage));
    EXPECT_LT(severity(ErrorKind::bug), severity(ErrorKind::cancelled));
}

TEST(Severity, OfEqualErrorsTheFirstStays) {
    std::optional<Error> worst;
    keep_worst(worst, Error(ErrorKind::data, "first"));
    keep_worst(worst, Error(ErrorKind::data, "second"));
    EXPECT_STREQ(worst->what(), "first");
    keep_worst(worst, Error(ErrorKind::network, "lower"));
    EXPECT_STREQ(worst->what(), "first");
    keep_worst(worst, Error(ErrorKind::disk, "higher"));
    EXPECT_STREQ(worst->what(), "higher");
}

}  // namespace
}  // namespace erawise::util
