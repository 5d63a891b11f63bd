#pragma once

#include <optional>
#include <string>

#include "config.h"
#include "util/error.h"
#include "util/stop_signal.h"

namespace erawise {

/// What `erawise doctor` found.
struct Diagnosis {
    std::string text;  ///< one line per check: "ok", "note" or "problem", what, and the remedy
    std::optional<util::Error> worst;  ///< the problem of highest severity
};

/// Looks at everything that `run` needs: model files, folders, disk space, memory cap, Numerai's
/// server, the API's schema, clocks, key pair, scopes, model names, round and data. Nothing is
/// downloaded, sent or left behind, and nothing is retried but what the retry budget allows within
/// some seconds. Throws Error(cancelled).
Diagnosis diagnose(const Config& config, const util::StopSignal& stop);

}  // namespace erawise
