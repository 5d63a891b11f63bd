#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/problems.h"

namespace erawise {

/// The config file's "submissions":
/// [{"model": NAME, "ensemble": [{"file": FILE, "weight": NUMBER}], "features": [NAME, ...],
///   "blend": "rank" | "gauss", "transform": TEXT}], of which model and ensemble are required.
///
/// `where` names the file. Whatever is wrong is noted in `problems`; the result is then not to be
/// used.
std::vector<SubmissionConfig> parse_submissions(const nlohmann::json& value, std::string_view where,
                                                ConfigProblems& problems);

}  // namespace erawise
