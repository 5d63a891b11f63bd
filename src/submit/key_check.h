#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "transport/numerai_api.h"

namespace erawise::submit {

/// How models are named to the API; names need a look into the account.
enum class ModelLookUp : std::uint8_t { by_id, by_name };

/// What a key may do.
struct KeyCheck {
    bool known = false;  ///< the API told about the key
    std::string account;
    std::string key_name;
    std::vector<std::string> scopes;
    std::vector<std::string> missing;   ///< scopes without which nothing can be submitted
    std::vector<std::string> unneeded;  ///< scopes that are missing, but only verify
};

/// Asks the API about the key pair: one cheap call. Throws Error(rejected) when the key is refused,
/// Error(network).
KeyCheck check_key(transport::NumeraiApi& api, ModelLookUp look_up);

/// Error(rejected) that names the scope and the remedy when one is missing; a warning for one that
/// only verifies.
void require_scopes(const KeyCheck& key);

}  // namespace erawise::submit
