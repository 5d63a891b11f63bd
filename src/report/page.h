#pragma once

#include <filesystem>
#include <string>

#include "report/run_report.h"

namespace erawise {

/// The page of a run: one HTML document with everything in it, inline SVG and no scripts, that
/// asks for nothing else (its Content-Security-Policy forbids it). What came from files and
/// servers is escaped. The same report always gives the same bytes.
std::string to_html(const RunReport& report);

/// Writes to_html() to `path`, whole or not at all. Error(disk).
void write_report_page(const RunReport& report, const std::filesystem::path& path);

}  // namespace erawise
