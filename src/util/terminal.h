#pragma once

#include <cstdint>

namespace erawise::util {

/// What standard error is shown on.
struct Terminal {
    bool is_terminal = false;
    bool has_colors = false;  ///< a terminal, and neither NO_COLOR nor TERM=dumb ask for none
    unsigned columns = 80;
};

/// Looks at standard error now. NO_COLOR counts when it is not empty (https://no-color.org).
Terminal error_terminal();

}  // namespace erawise::util
