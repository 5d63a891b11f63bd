#pragma once

#include <string_view>

#include "config/config.h"
#include "config/problems.h"

namespace erawise {

/// Merges a config file (JSON with comments) into `config`.
///
/// `text` is the file's content, `name` its path as messages and origins show it. Everything that
/// is wrong with it is noted in `problems`: syntax, a key twice, unknown keys, wrong types, values
/// that are not allowed. Keys are those of config_options() and "submissions".
void merge_config_file(std::string_view text, std::string_view name, Config& config,
                       ConfigProblems& problems);

}  // namespace erawise
