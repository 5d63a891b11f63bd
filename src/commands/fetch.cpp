#include "commands/fetch.h"

#include <cstdint>
#include <optional>

#include "report/progress.h"

namespace erawise {

acquire::DownloadedFile fetch(const Config& config, Network& network,
                              acquire::DownloadOptions options, RunReport& report) {
    ProgressDisplay display(progress_style(config), "download", 0, std::nullopt);
    options.directory = config.data.directory;
    options.freshness = config.data.freshness;
    options.progress = [&](std::uint64_t bytes, std::optional<std::uint64_t> total) {
        display.set_total(total.value_or(0));
        display.update(bytes, 0);
        report.timeline.tick();
    };
    auto downloaded =
        acquire::download_dataset(network.api, network.http, network.retrier, options);
    report.bytes_downloaded += downloaded.bytes_downloaded;
    return downloaded;
}

}  // namespace erawise
