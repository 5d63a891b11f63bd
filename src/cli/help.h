#pragma once

#include <array>
#include <string>
#include <string_view>

#include "config/config.h"
#include "config/options.h"

namespace erawise {

/// Flags that are no settings: every command has them.
struct CommonFlag {
    std::string_view name;
    std::string_view help;
};
inline constexpr CommonFlag kPrintConfig = {"--print-config",
                                            "Print every setting with its origin"};
inline constexpr CommonFlag kCheckConfig = {"--check-config",
                                            "Check the settings, and do nothing else"};
inline constexpr CommonFlag kHelp = {"--help", "Print this help"};
inline constexpr CommonFlag kVersion = {"--version", "Print the version"};
inline constexpr std::array kCommonFlags = {kPrintConfig, kCheckConfig, kHelp, kVersion};

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
