#pragma once

#include <filesystem>
#include <string>

#include "report/run_report.h"

namespace erawise {

/// The report as metrics for the textfile collector of Prometheus' node exporter. docs/METRICS.md
/// lists them with their units. All are gauges: they tell of the run that wrote the file.
///
/// Format: Prometheus' text-based exposition format, version 0.0.4. Label values are escaped and
/// free of bytes that are no UTF-8.
std::string to_metrics(const RunReport& report);

/// Writes to_metrics() to `path`, whole or not at all: the collector never reads half a file.
/// Error(disk).
void write_metrics(const RunReport& report, const std::filesystem::path& path);

}  // namespace erawise
