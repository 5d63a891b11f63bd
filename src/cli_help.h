#pragma once

#include <string>
#include <string_view>

#include "config.h"
#include "config_options.h"

namespace erawise {

/// What the program is, for `erawise --help`.
std::string_view program_description();

/// Example, exit codes and documents, for the end of `erawise --help`.
std::string program_footer();

/// One sentence for the list of commands.
std::string_view command_summary(Command command);

/// "run predict download ...".
std::string command_names();

/// What the command does and an example that works; several lines.
std::string_view command_story(Command command);

/// The same with exit codes and documents, for the end of `erawise COMMAND --help`.
std::string command_footer(Command command);

/// The option's line in --help: what it is, its default, and its other names.
std::string option_description(const ConfigOption& option);

}  // namespace erawise
