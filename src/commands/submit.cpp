#include "commands/commands.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "acquire/download_record.h"
#include "acquire/round_wait.h"
#include "commands/network.h"
#include "commands/submission_run.h"
#include "commands/timed.h"
#include "decode/decoder.h"
#include "decode/for_each_batch.h"
#include "era/era_batch.h"
#include "submit/submission_check.h"
#include "util/id_set.h"
#include "util/lock_file.h"

namespace erawise {
namespace {

/// The ids of all rows that would be predicted.
util::IdSet ids_of_data(const Config& config, const std::filesystem::path& data,
                        const util::StopSignal& stop) {
    const auto decoder = decode::open_decoder(data, {.data_type = config.data.data_type});
    const era::BlockLayout& layout = decoder->select({});
    util::IdSet ids;
    decode::for_each_batch(*decoder, layout.block_bytes, stop, [&](const era::EraBatch& batch) {
        for (std::size_t row = 0; row < batch.rows(); ++row) {
            ids.add(batch.ids[row]);
        }
    });
    return ids;
}

/// What `run` downloaded for this round; empty when it did not.
std::optional<std::filesystem::path> live_data_of(const Config& config, int round) {
    const auto file = config.data.directory / config.data.version / config.data.file;
    const auto record = acquire::read_record(file);
    return record && record->round == round ? std::optional(file) : std::nullopt;
}

/// Has the file checked, waits for its turn, and submits it to the round that is open.
void submit_file(const Config& config, Network& network, RunReport& report,
                 const util::StopSignal& stop) {
    submit::SubmitOptions options =
        submit_options(config, config.submit.model_name, config.submit.predictions);
    if (!config.submit.data.empty()) {
        options.ids = ids_of_data(config, config.submit.data, stop);
    }
    if (config.dry_run) {
        report.submissions.push_back(submit_one(config, network, options));
        return;
    }
    submit::check_submission(options.predictions, options.ids);  // before anything is made or sent
    std::optional<util::LockFile> lock;
    std::error_code status;
    std::filesystem::create_directories(effective_output_directory(config), status);
    if (status) {
        spdlog::warn(
            "no receipt is kept, since {} cannot be made ({}): a rerun would submit again; "
            "--output-directory chooses another folder",
            effective_output_directory(config).string(), status.message());
        options.receipts.clear();
    } else {
        lock = lock_submissions(config, network, std::nullopt);
    }
    const acquire::OpenRound open = acquire::open_round(network.api, config.schedule.late);
    network.set_deadline(open.closes());
    if (const auto live = live_data_of(config, open.round.number); live && !options.ids) {
        spdlog::info("the ids must be those of {}", live->string());
        options.ids = ids_of_data(config, *live, stop);
    }
    report.submissions.push_back(submit_to(open, config, network, std::move(options)));
}

}  // namespace

void commands::submit(const Config& config, RunReport& report, const util::StopSignal& stop) {
    Network network(config, stop);
    timed(report, "submit", [&] { submit_file(config, network, report, stop); });
}

}  // namespace erawise
