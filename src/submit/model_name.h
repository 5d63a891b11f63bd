#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "transport/numerai_api.h"

namespace erawise::submit {

/// The id of the account's model of this name. Throws Error(rejected) that lists the names there
/// are.
std::string model_id_of(const std::vector<transport::Model>& models, std::string_view name);

}  // namespace erawise::submit
