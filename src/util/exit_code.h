#pragma once

#include <string>
#include <string_view>

#include "util/error.h"

namespace erawise {

inline constexpr int kExitDone = 0;

/// The exit code of a run that ended with an error of this kind; part of the documented interface.
/// `signal` is the one that cancelled the run (util::StopSignal::signal()); other kinds ignore it.
int exit_code_for(util::ErrorKind kind, int signal = 0) noexcept;

/// One line per exit code, "  10  network: ...", for --help and the documents.
std::string exit_code_table();

/// The table's text for a code, "network: gave up ..."; "unknown" for a code that is not in it.
std::string_view exit_code_meaning(int code) noexcept;

/// What to do after a run that ended with the code, in a sentence or two; empty for 0.
std::string_view exit_code_remedy(int code) noexcept;

}  // namespace erawise
