#pragma once

#include <optional>
#include <string>

#include "config/config.h"

namespace erawise {

/// What `erawise --help` prints, or for a command `erawise COMMAND --help`: flags that are needed
/// first, then the command's own, then those that all commands have.
std::string help_text(std::optional<Command> command);

}  // namespace erawise
