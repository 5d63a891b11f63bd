#pragma once

#include "commands/network.h"
#include "config/config.h"
#include "report/run_report.h"

namespace erawise {

/// `erawise diagnose`: uploads a file of predictions to Numerai's diagnostics, waits for their end,
/// and fills report.diagnostics as it goes. With --dry-run the file is only checked. See
/// submit/diagnose.h for the errors.
void diagnose_file(const Config& config, Network& network, RunReport& report);

}  // namespace erawise
