#pragma once

#include <gtest/gtest.h>

#include <string>

#include "util/error.h"

namespace erawise::test {

/// Runs `body`, which must throw Error of this kind; returns its message.
template <typename Body>
std::string message_of_error(util::ErrorKind kind, Body&& body) {
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
