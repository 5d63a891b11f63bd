#pragma once

#include <string>

namespace erawise {

/// "0.1.0".
std::string version();

/// Version, commit, the versions of the libraries in use, and the vector targets of this machine;
/// several lines. Opens libxgboost for it, so ask only when it is to be shown.
std::string version_text();

}  // namespace erawise
