#include "commands/commands.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "acquire/round_wait.h"
#include "commands/account.h"
#include "commands/fetch.h"
#include "commands/foreseen_faults.h"
#include "commands/network.h"
#include "commands/prediction_run.h"
#include "commands/submission_run.h"
#include "commands/submission_tasks.h"
#include "commands/timed.h"
#include "submit/submission_check.h"
#include "util/error.h"
#include "util/severity.h"

namespace erawise {
namespace {

constexpr std::uint64_t kTransferBytes =
    transport::kHttpMemoryBytes + submit::kSubmissionCheckBytes;

void create_folder(const std::filesystem::path& folder) {
    std::error_code status;
    std::filesystem::create_directories(folder, status);
    if (status) {
        throw util::Error(
            util::ErrorKind::disk,
            fmt::format("cannot create the folder {0}: {1}; mount a folder that user {2} may write "
                        "to (on the host: chown {2} FOLDER, or docker run --user), or choose "
                        "another one with --data-directory or --output-directory",
                        folder.string(), status.message(), getuid()));
    }
}

/// What is known to fail ends before the round is waited for; what may fail is told. Throws the
/// first error when none is left.
void end_foreseen(const Config& config, Submissions& submissions) {
    for (std::size_t place = 0; place < submissions.size(); ++place) {
        for (ForeseenFault& fault : foreseen_faults(config, submissions.tasks[place])) {
            fault.error.add_context(submissions.tasks[place].name);
            if (fault.certainty == ForeseenFault::Certainty::certain) {
                submissions.slots.fail(place, fault.error);
                spdlog::error("{}; it is not waited for", fault.error.what());
            } else {
                spdlog::warn("{}", fault.error.what());
            }
        }
    }
    submissions.slots.require_any();
}

/// Who has to have features.json.
enum class FeatureSetUse : std::uint8_t { nobody, some, all };

FeatureSetUse use_of_feature_sets(const Config& config, const Submissions& submissions) {
    if (!config.data.feature_set.empty()) {
        return FeatureSetUse::all;
    }
    bool any = false;
    bool all = true;
    for (std::size_t place = 0; place < submissions.size(); ++place) {
        const bool neutralizes = std::ranges::contains(submissions.tasks[place].transforms,
                                                       output::TransformStep::Kind::neutralize,
                                                       &output::TransformStep::kind);
        any = any || (neutralizes && submissions.slots.is_left(place));
        all = all && (neutralizes || !submissions.slots.is_left(place));
    }
    return !any ? FeatureSetUse::nobody : all ? FeatureSetUse::all : FeatureSetUse::some;
}

/// Downloads features.json where it has to be there. Returns why it could not be had, when there
/// are submissions that go on without.
std::optional<util::Error> fetch_feature_sets(const Config& config, Network& network,
                                              const Submissions& submissions, RunReport& report) {
    const FeatureSetUse use = use_of_feature_sets(config, submissions);
    if (!config.data.features_file.empty() || use == FeatureSetUse::nobody) {
        return std::nullopt;
    }
    try {
        timed(report, "features", [&] {
            return fetch(config, network, {.file = config.data.version + "/features.json"}, report);
        });
    } catch (const util::Error& error) {
        if (use == FeatureSetUse::all || error.kind() == util::ErrorKind::cancelled) {
            throw;
        }
        spdlog::error("{}; submissions that do not neutralise go on", error.what());
        return error;
    }
    return std::nullopt;
}

/// The story of a run. Errors of single submissions stay in their slots.
void run_round(const Config& config, Submissions& submissions, RunReport& report,
               const util::StopSignal& stop) {
    end_foreseen(config, submissions);
    Network network(config, stop);
    const std::string file = config.data.version + "/" + config.data.file;

    const AccountCheck account =
        timed(report, "account", [&] { return check_account_early(config, network, submissions); });
    const auto open = timed(report, "wait", [&] {
        return acquire::wait_for_round(network.api, network.clock, network.random,
                                       {.wait = config.schedule.wait,
                                        .late = config.schedule.late,
                                        .file = file,
                                        .freshness = config.data.freshness});
    });
    network.set_deadline(open.closes());
    const auto lock = lock_submissions(config, network, open.closes());
    if (account == AccountCheck::out_of_reach) {
        timed(report, "account", [&] { check_account(config, network, submissions); });
    }
    const auto data = timed(report, "acquire", [&] {
        return fetch(config, network,
                     {.file = file,
                      .round = open.round,
                      .key_is_settled = open.data_key_is_settled,
                      .url = open.data_url},
                     report);
    });
    const auto no_feature_sets = fetch_feature_sets(config, network, submissions, report);
    const auto ids = timed(report, "predict", [&] {
        return predict_tasks(config, data.path, submissions.tasks, submissions.slots,
                             {.transfer_bytes = kTransferBytes,
                              .score = {},
                              .no_feature_sets = no_feature_sets},
                             report, stop)
            .stream.ids;
    });
    timed(report, "submit", [&] { submit_all(config, network, submissions, open, ids, report); });
}

}  // namespace

void commands::run(const Config& config, RunReport& report, const util::StopSignal& stop) {
    Submissions submissions(submission_tasks(config));
    if (submissions.size() == 0) {
        spdlog::info("this shard has no models: there is nothing to do");
        return;
    }
    create_folder(effective_output_directory(config));
    std::optional<util::Error> worst;
    try {
        run_round(config, submissions, report, stop);
        worst = worst_error(submissions);
    } catch (const util::Error& error) {
        report_unsent(submissions, error, report);
        worst = error;
        if (const auto of_a_model = worst_error(submissions)) {
            util::keep_worst(worst, *of_a_model);
        }
    }
    if (worst) {
        throw *worst;
    }
}

}  // namespace erawise
