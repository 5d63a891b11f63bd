#include "commands/commands.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "commands/findings.h"
#include "commands/machine_checks.h"
#include "commands/network.h"
#include "commands/numerai_checks.h"

namespace erawise {
namespace {

/// For all tries of one call: the user waits at the terminal, and the budget of a run would be half
/// an hour.
constexpr std::chrono::seconds kPatience{10};

Config with_little_patience(Config config) {
    config.retry.budget = std::min<std::chrono::milliseconds>(config.retry.budget, kPatience);
    return config;
}

/// When the question for the round fails, Numerai cannot be reached, and the others would fail
/// alike.
void examine_all(const Config& config, const util::StopSignal& stop, Findings& findings) {
    std::vector<PredictionTask> tasks;
    findings.examine("models", [&] { tasks = look_at_models(config, findings); });
    findings.examine("data folder",
                     [&] { look_at_folder("data folder", config.data.directory, findings); });
    findings.examine("output folder", [&] {
        look_at_folder("output folder", effective_output_directory(config), findings);
    });
    findings.examine("memory", [&] { look_at_memory(config, findings); });

    Network network(with_little_patience(config), stop);
    NumeraiChecks numerai(config, network, findings);
    const bool reached = findings.examine("round", [&] { numerai.round(); });
    if (reached) {
        findings.examine("clock", [&] { numerai.clock(); });
        findings.examine("API", [&] { numerai.api(); });
        findings.examine("data", [&] { numerai.data(); });
        findings.examine("key", [&] { numerai.key(tasks); });
    }
}

}  // namespace

void commands::doctor(const Config& config, RunReport& /*report*/, const util::StopSignal& stop) {
    Findings findings;
    examine_all(config, stop, findings);
    std::fputs(findings.text().c_str(), stdout);
    if (findings.worst()) {
        throw util::Error(*findings.worst());
    }
}

}  // namespace erawise
