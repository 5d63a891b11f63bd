#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "report/run_report.h"

namespace erawise {

/// The scores of a command for standard output: a table with a line per era and one per summary,
/// CSV with the same columns and no summary, or the report's JSON. Scores that no era has make no
/// column of the table.
std::string scores_text(const std::vector<ScoreReport>& reports, ScoreFormat format);

}  // namespace erawise
