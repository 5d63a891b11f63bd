#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "config/config.h"
#include "config/problems.h"

namespace erawise {

using Environment = std::map<std::string, std::string, std::less<>>;

/// The environment of this process.
Environment current_environment();

/// The variable's value; empty when it is not set. An empty variable counts as not set, so that
/// a compose file may pass on what the user left out.
std::string_view value_of(const Environment& environment, std::string_view name);

/// Merges the variables of config_options() into `config`. Unknown ERAWISE_* variables and values
/// that are not allowed are noted in `problems`.
void merge_environment(const Environment& environment, Config& config, ConfigProblems& problems);

/// The two variables of the key pair; each may be given as NAME or, for the path of a file whose
/// content it is, as NAME_FILE.
inline constexpr std::string_view kPublicIdVariable = "NUMERAI_PUBLIC_ID";
inline constexpr std::string_view kSecretKeyVariable = "NUMERAI_SECRET_KEY";

enum class KeyPair {
    required,  ///< a missing key is a problem
    if_given   ///< half a pair is a problem
};

/// Fills config.numerai.public_id and secret_key; reads the files of *_FILE (line break at the end
/// left out). Notes in `problems` what is missing, given twice, unreadable or malformed; never the
/// value.
void merge_key_pair(const Environment& environment, KeyPair need, Config& config,
                    ConfigProblems& problems);

/// "not set", "set (from environment NUMERAI_SECRET_KEY)", "set (from file /run/secrets/key)".
std::string describe_secret(const Environment& environment, std::string_view name);

}  // namespace erawise
