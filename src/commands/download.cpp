#include "commands/commands.h"

#include "commands/fetch.h"
#include "commands/network.h"
#include "commands/timed.h"

namespace erawise {

void commands::download(const Config& config, RunReport& report, const util::StopSignal& stop) {
    Network network(config, stop);
    timed(report, "acquire", [&] {
        return fetch(config, network,
                     {.file = config.download.file,
                      .result = config.dry_run ? acquire::DownloadResult::discarded
                                               : acquire::DownloadResult::kept},
                     report);
    });
}

}  // namespace erawise
