#pragma once

#include "acquire/download.h"
#include "commands/network.h"
#include "config/config.h"
#include "report/run_report.h"

namespace erawise {

/// Downloads a dataset to the data folder, and shows how far it is. `options` has what the
/// configuration does not: the file, the round, and what is known of it already.
acquire::DownloadedFile fetch(const Config& config, Network& network,
                              acquire::DownloadOptions options, RunReport& report);

}  // namespace erawise
