#pragma once

#include <functional>
#include <optional>
#include <string>

#include "transport/retry.h"

namespace erawise::submit {

/// Something that the server makes, and that must not be made twice.
struct Creation {
    std::string what;     ///< for the log of the retries: "create the submission"
    std::string arrived;  ///< for the log: "the submission had arrived"
    /// One try; its id, empty when the answer tells none.
    std::function<transport::Attempt<std::string>()> create;
    /// The id of what an earlier try has made, though its answer was lost.
    std::function<std::optional<std::string>()> find;
};

/// Creates it once, also when answers are lost: before each further try, and after the last one,
/// the server is asked whether it is there. Returns its id, empty when nobody tells it; throws what
/// the retrier and the two functions throw, of two errors of the network the first.
std::string create_once(transport::Retrier& retrier, const Creation& creation);

}  // namespace erawise::submit
