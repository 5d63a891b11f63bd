#pragma once

#include <optional>
#include <vector>

#include "commands/findings.h"
#include "commands/network.h"
#include "config/config.h"
#include "predict/prediction.h"
#include "transport/round.h"

namespace erawise {

/// What `erawise doctor` asks Numerai. Nothing is downloaded or sent. Each check throws what keeps
/// it from an answer; the caller makes a problem of it. Holds references to what it is made with.
class NumeraiChecks {
  public:
    NumeraiChecks(const Config& config, Network& network, Findings& findings)
        : config_(config), network_(network), findings_(findings) {}

    /// First: it tells whether Numerai can be reached, and what the others compare with.
    void round();
    void clock();
    void api();
    void data();
    /// The key's scopes, and the names of the tasks' models in the account.
    void key(const std::vector<PredictionTask>& tasks);

  private:
    void tell_drift(const transport::SchemaDrift& drift);
    void names(const std::vector<PredictionTask>& tasks);

    const Config& config_;
    Network& network_;
    Findings& findings_;
    std::optional<transport::Round> round_;
};

}  // namespace erawise
