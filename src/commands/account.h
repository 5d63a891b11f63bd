#pragma once

#include <cstdint>

#include "commands/network.h"
#include "commands/submissions.h"
#include "config/config.h"

namespace erawise {

/// What can be known before a round opens: whether the key is good and has its scopes, and whether
/// the account has the models, whose ids submissions get. One whose model the account lacks ends.
/// Throws Error(rejected) with the remedy, Error(network), and the first error of submissions when
/// none is left.
void check_account(const Config& config, Network& network, Submissions& submissions);

enum class AccountCheck : std::uint8_t {
    done,
    out_of_reach  ///< Numerai cannot be reached while there is time to wait: ask again
};

/// The same, while there is time to wait.
AccountCheck check_account_early(const Config& config, Network& network, Submissions& submissions);

}  // namespace erawise
