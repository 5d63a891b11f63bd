#pragma once

#include <string>

#include "util/error.h"

namespace erawise {

inline constexpr int kExitDone = 0;

/// The exit code of a run that ended with an error of this kind; part of the documented interface.
/// `signal` is the one that cancelled the run (util::StopSignal::signal()); other kinds ignore it.
int exit_code_for(util::ErrorKind kind, int signal = 0) noexcept;

/// Which of several errors a run of many models ends with: that of the highest severity. What a
/// rerun mends comes last, what only a person can mend first.
int severity(util::ErrorKind kind) noexcept;

/// One line per exit code, "  10  network: ...", for --help and the documents.
std::string exit_code_table();

}  // namespace erawise
