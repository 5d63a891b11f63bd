#include "util/vector_target.h"

#include <hwy/targets.h>

namespace erawise::util {

bool use_vector_target(std::string_view name) {
    if (name.empty()) {
        return true;
    }
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        if (name == hwy::TargetName(target)) {
            hwy::SetSupportedTargetsForTest(target);
            return true;
        }
    }
    return false;
}

std::string vector_target_names() {
    std::string names;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        names += (names.empty() ? "" : ", ") + std::string(hwy::TargetName(target));
    }
    return names;
}

}  // namespace erawise::util
