#pragma once

#include <cstdint>
#include <string>

namespace erawise {

/// Documents that are made from the table of options, so that they cannot disagree with the
/// program. Each ends with a line break.

enum class Detail : std::uint8_t {
    short_table,  ///< README.md: what `run` takes
    full_table    ///< docs/CONFIGURATION.md: everything
};

/// A Markdown table of the settings.
std::string settings_table(Detail detail);

/// erawise(1), in the man macros of groff_man(7).
std::string manual_page();

enum class Shell : std::uint8_t { bash, zsh, fish };

/// Completes commands, flags, and the values of flags that have a few.
std::string shell_completion(Shell shell);

}  // namespace erawise
