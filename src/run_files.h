#pragma once

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string_view>

#include "run_report.h"

namespace erawise {

/// A file that tells of the run.
struct RunFile {
    std::string_view what;       ///< "report"
    std::filesystem::path path;  ///< empty: it is not asked for
    std::function<void(const RunReport&, const std::filesystem::path&)> write;
};

/// Does what remains to be done when the command is over. Whatever it throws is logged and ends
/// here: a run that was done so far then ends with that error's exit code, one that failed keeps
/// its own.
void attempt(RunReport& report, std::string_view what, const std::function<void()>& body);

/// Writes the files that are asked for, each on its own; see attempt().
void write_run_files(std::initializer_list<RunFile> files, RunReport& report);

}  // namespace erawise
