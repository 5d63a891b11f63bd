#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/config.h"
#include "config/environment.h"

namespace erawise {

/// An answer that needs no run: help, version, the configuration.
struct ImmediateAnswer {
    std::string text;   ///< ends with a line break
    int exit_code = 0;  ///< 0: for standard output, else for standard error
};

/// What the user asked for.
struct CommandLine {
    Command command = Command::run;
    Config config;
    std::optional<ImmediateAnswer> answer;  ///< set: print it and exit, there is nothing to run
    bool checks_submissions = false;        ///< the answer holds when they are well, too
};

/// Parses the arguments (with the program's name in front, as main() has them), reads the config
/// file and the key files, and merges them. `version_text` is the answer to --version.
///
/// Throws Error(usage) with everything that is wrong in one message. Touches nothing.
CommandLine parse_command_line(std::span<const char* const> arguments,
                               const Environment& environment, std::string_view version_text);

}  // namespace erawise
