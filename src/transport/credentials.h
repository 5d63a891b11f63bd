#pragma once

#include "util/secret.h"

namespace erawise::transport {

/// The key pair of a Numerai account.
struct Credentials {
    util::Secret public_id;
    util::Secret secret_key;
};

}  // namespace erawise::transport
