#pragma once

#include <optional>

#include "util/error.h"

namespace erawise::util {

/// Which of several errors a run of many models ends with: that of the highest severity. What a
/// rerun mends comes last, what only a person can mend first.
int severity(ErrorKind kind) noexcept;

/// Makes `error` the worst one when its severity is higher; of equals the first stays.
void keep_worst(std::optional<Error>& worst, const Error& error);

}  // namespace erawise::util
