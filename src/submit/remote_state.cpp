#include "submit/remote_state.h"

#include <algorithm>
#include <array>
#include <string>

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
    std::string lower(status);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const auto* const found = std::ranges::find(kStatusTexts, lower, &StatusText::text);
    return found == kStatusTexts.end() ? RemoteState::unknown : found->state;
}

}  // namespace erawise::submit
