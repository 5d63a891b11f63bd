#include "submit/remote_state.h"

#include <algorithm>
#include <array>

#include "util/lower_case.h"

namespace erawise::submit {
namespace {

struct StatusText {
    std::string_view text;  ///< lower case
    RemoteState state;
};

constexpr std::array kStatusTexts = {
    StatusText{"done", RemoteState::done},       StatusText{"complete", RemoteState::done},
    StatusText{"completed", RemoteState::done},  StatusText{"succeeded", RemoteState::done},
    StatusText{"success", RemoteState::done},    StatusText{"failed", RemoteState::failed},
    StatusText{"failure", RemoteState::failed},  StatusText{"error", RemoteState::failed},
    StatusText{"rejected", RemoteState::failed}, StatusText{"invalid", RemoteState::failed},
    StatusText{"", RemoteState::pending},        StatusText{"new", RemoteState::pending},
    StatusText{"created", RemoteState::pending}, StatusText{"pending", RemoteState::pending},
    StatusText{"queued", RemoteState::pending},  StatusText{"started", RemoteState::pending},
    StatusText{"running", RemoteState::pending}, StatusText{"processing", RemoteState::pending},
};

}  // namespace

RemoteState remote_state(std::string_view status) {
    const auto* const found =
        std::ranges::find(kStatusTexts, util::lower_case(status), &StatusText::text);
    return found == kStatusTexts.end() ? RemoteState::unknown : found->state;
}

}  // namespace erawise::submit
