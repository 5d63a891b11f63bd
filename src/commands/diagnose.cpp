#include "commands/commands.h"

#include <spdlog/spdlog.h>

#include <cstdio>

#include "commands/network.h"
#include "commands/timed.h"
#include "report/diagnostics_report.h"
#include "submit/diagnose.h"

namespace erawise {
namespace {

submit::DiagnoseOptions diagnose_options(const Config& config) {
    return {.predictions = config.diagnose.predictions,
            .model_name = config.diagnose.model_name,
            .model_id = config.numerai.model_id,
            .compute_id = config.numerai.compute_id};
}

/// Pauses grow like those between two tries of a call.
submit::DiagnosticsWait diagnostics_wait(const Config& config) {
    return {.wait = config.diagnose.wait,
            .first_pause = config.retry.initial,
            .longest_pause = config.retry.maximum};
}

void fill(const transport::Diagnostics& seen, DiagnosticsReport& report) {
    report.status = seen.status;
    report.message = seen.message;
    report.eras_accepted = seen.eras_accepted;
    report.trained_on_validation = seen.trained_on_validation;
    report.summary.clear();
    for (std::size_t i = 0; i < transport::kSummaryFields.size(); ++i) {
        report.summary.emplace_back(transport::kSummaryFields[i].name, seen.summary[i]);
    }
    report.era_columns.clear();
    for (const auto& field : transport::kEraFields) {
        report.era_columns.emplace_back(field.name);
    }
    report.eras.clear();
    for (const transport::EraDiagnostics& era : seen.eras) {
        report.eras.push_back({era.era, {era.numbers.begin(), era.numbers.end()}});
    }
}

/// With --dry-run the file is only checked.
void diagnose_file(const Config& config, Network& network, RunReport& report) {
    DiagnosticsReport& told = report.diagnostics.emplace();
    told.model = config.diagnose.model_name;
    const submit::DiagnoseOptions options = diagnose_options(config);
    if (config.dry_run) {
        const auto checked = submit::check_diagnostics_file(options.predictions);
        spdlog::info("{}: {} rows are ready in {}; nothing is sent (--dry-run)", told.model,
                     checked.rows, options.predictions.string());
        return;
    }
    const submit::DiagnosticsRun run = submit::create_diagnostics(
        network.api, network.http, network.retrier, network.random, options);
    told.id = run.id;
    told.sha256 = run.sha256;
    submit::wait_for_diagnostics(network.api, network.retrier, network.clock, network.random, run,
                                 diagnostics_wait(config),
                                 [&](const transport::Diagnostics& seen) { fill(seen, told); });
}

}  // namespace

void commands::diagnose(const Config& config, RunReport& report, const util::StopSignal& stop) {
    Network network(config, stop);
    timed(report, "diagnose", [&] { diagnose_file(config, network, report); });
    if (!config.dry_run) {
        std::fputs(diagnostics_tables(*report.diagnostics).c_str(), stdout);
    }
}

}  // namespace erawise
