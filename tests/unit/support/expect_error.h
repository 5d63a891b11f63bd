#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "util/error.h"

namespace erawise::test {

/// Runs `body`, which must throw util::Error of this kind, and returns its message.
template <typename Body>
std::string expect_error(util::ErrorKind kind, Body&& body) {
    try {
        body();
    } catch (const util::Error& error) {
        EXPECT_EQ(static_cast<int>(error.kind()), static_cast<int>(kind)) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "no error was thrown";
    return {};
}

}  // namespace erawise::test
