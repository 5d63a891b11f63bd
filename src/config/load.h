#pragma once

#include <span>
#include <string>

#include "config/config.h"
#include "config/environment.h"
#include "config/options.h"
#include "config/problems.h"

namespace erawise {

/// A flag as it was typed.
struct FlagText {
    const ConfigOption* option;
    std::string text;
};

/// How much a configuration must hold.
enum class Completeness {
    runnable,  ///< all that the command needs: its required flags, the key pair
    readable   ///< whatever was given is valid; enough to show or check it
};

/// Merges defaults < file (--config or ERAWISE_CONFIG) < environment < flags for `command`.
/// Reads the config file and key files, touches nothing. What is wrong is noted in `problems`.
Config load_config(Command command, std::span<const FlagText> flags, const Environment& environment,
                   Completeness completeness, ConfigProblems& problems);

/// Every setting that `command` knows, a line each, with its origin; keys only as set or not set.
std::string describe_config(const Config& config, Command command, const Environment& environment);

}  // namespace erawise
