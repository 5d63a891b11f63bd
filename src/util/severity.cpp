#include "util/severity.h"

#include <algorithm>
#include <array>

namespace erawise::util {

int severity(ErrorKind kind) noexcept {
    constexpr std::array kRising = {ErrorKind::network,  ErrorKind::data, ErrorKind::model,
                                    ErrorKind::rejected, ErrorKind::disk, ErrorKind::memory,
                                    ErrorKind::usage,    ErrorKind::bug,  ErrorKind::cancelled};
    return static_cast<int>(std::ranges::find(kRising, kind) - kRising.begin());
}

void keep_worst(std::optional<Error>& worst, const Error& error) {
    if (!worst || severity(error.kind()) > severity(worst->kind())) {
        worst = error;
    }
}

}  // namespace erawise::util
