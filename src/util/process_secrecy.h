#pragma once

namespace erawise::util {

/// Keeps what this process knows out of other hands: it dumps no core, and other processes of the
/// same user can neither trace it nor read its environment. For commands that hold a key; a
/// debugger or leak checker cannot attach afterwards, so builds with a sanitizer dump no core and
/// leave the rest.
void protect_process_memory() noexcept;

}  // namespace erawise::util
