#pragma once

#include <string>

namespace erawise {

/// "0.1.0".
std::string version();

/// Version, commit, and the versions of the libraries that are linked; several lines.
std::string version_text();

}  // namespace erawise
