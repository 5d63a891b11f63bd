#pragma once

#include <string>

#include "config/config.h"
#include "report/run_report.h"
#include "util/stop_signal.h"

namespace erawise {

/// Tells about a data file (columns, eras, rows per era), a model file (trees, features, engine),
/// and, with both, the memory plan of predicting one with the other. The text is for standard
/// output; the report takes rows, eras and the plan.
std::string inspect(const Config& config, RunReport& report, const util::StopSignal& stop);

}  // namespace erawise
