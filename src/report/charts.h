#pragma once

#include <string>

#include "report/run_report.h"

namespace erawise {

/// Charts of a run as inline SVG. Their boxes are as wide as the page and as high as they say;
/// only curves are stretched, text never is. Colours come from the page's style sheet by class.

/// Memory over time with the cap, and below it the stages on the same time axis. A long wait for
/// the round is drawn short and dashed, and says so. Empty when nothing was timed.
std::string run_chart(const RunReport& report);

/// The distribution of a model's values as a filled curve, with its mean.
std::string distribution_chart(const util::Histogram& distribution);

/// The sums of a score over the eras so far, and the level of 0. Empty for fewer than two eras that
/// have it.
std::string score_chart(const ScoreReport& score, stats::ScoreKind kind);

/// Rows by era as columns; neighbouring eras share one when there are many. Empty for fewer than
/// two eras.
std::string era_chart(const RunReport& report);

}  // namespace erawise
