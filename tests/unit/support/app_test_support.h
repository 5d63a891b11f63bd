#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "config/problems.h"
#include "util/error.h"

namespace erawise {

/// A file of the repository.
inline std::string repository_file(std::string_view path) {
    const std::string full = std::string(ERAWISE_SOURCE_DIR) + "/" + std::string(path);
    std::ifstream file(full, std::ios::binary);
    if (!file) {
        throw std::runtime_error("cannot read " + full);
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The message of the usage error that `body` throws; empty when it throws none.
template <typename Body>
std::string usage_error_of(Body&& body) {
    try {
        std::forward<Body>(body)();
    } catch (const util::Error& error) {
        return error.kind() == util::ErrorKind::usage
                   ? error.what()
                   : "an error of another kind: " + std::string(error.what());
    }
    return {};
}

inline std::string message_of(const ConfigProblems& problems) {
    return usage_error_of([&] { problems.throw_if_any(); });
}

}  // namespace erawise
