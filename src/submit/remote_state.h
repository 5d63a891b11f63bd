#pragma once

#include <cstdint>
#include <string_view>

namespace erawise::submit {

/// How far Numerai is with something that was sent: a submission, or a run of its diagnostics.
enum class RemoteState : std::uint8_t { done, failed, pending, unknown };

/// What a status text of Numerai's means. Case does not matter; an empty status is pending. Numerai
/// documents none of these texts: "done" is what clients wait for, the others are likely ones.
RemoteState remote_state(std::string_view status);

}  // namespace erawise::submit
