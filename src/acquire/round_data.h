#pragma once

#include <string>
#include <string_view>

#include "transport/round.h"

namespace erawise::acquire {

/// What is done when the store's file is not that of the open round.
enum class Freshness {
    strict,  ///< it counts as not there yet: waited for, and never submitted on
    warn     ///< a warning
};

/// Why the object is not the data of this round; empty when it is, or when its key does not tell.
///
/// Keys are ROUND/VERSION/FILE or YYYYMMDD/VERSION/FILE, below a bucket's name or not. Numerai does
/// not document them: they were seen in URLs and messages that users posted.
std::string not_of_round(std::string_view object_key, std::string_view file,
                         const transport::Round& round);

}  // namespace erawise::acquire
