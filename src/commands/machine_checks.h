#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "commands/findings.h"
#include "config/config.h"
#include "predict/prediction.h"

/// What `erawise doctor` looks at on this machine. Nothing is made or left behind.
namespace erawise {

/// What `run` would predict with; each model file has to be readable. What is foreseen of single
/// submissions is a problem each. Error(usage), Error(model).
std::vector<PredictionTask> look_at_models(const Config& config, Findings& findings);

/// Whether a folder is writable and has room. Error(disk).
void look_at_folder(std::string_view subject, const std::filesystem::path& folder,
                    Findings& findings);

/// The memory cap.
void look_at_memory(const Config& config, Findings& findings);

}  // namespace erawise
