#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/network.h"
#include "config/config.h"
#include "predict/prediction.h"

namespace erawise {

/// The ids of the tasks' models in the account, in their order; a task whose model the account
/// lacks has its error, and an empty id.
using ModelIds = std::vector<std::string>;

/// What can be known before a round opens: whether the key is good and has its scopes, and whether
/// the account has the models. Throws Error(rejected) with the remedy, Error(network).
ModelIds check_account(const Config& config, Network& network, std::vector<PredictionTask>& tasks);

/// The same, but empty when Numerai cannot be reached while there is time to wait: then it is to be
/// asked again.
std::optional<ModelIds> check_account_early(const Config& config, Network& network,
                                            std::vector<PredictionTask>& tasks);

}  // namespace erawise
