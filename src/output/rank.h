#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace erawise::output {

/// Ranks within one era: (average rank - 0.5) / n, ties share the average of their ranks. Always
/// inside (0, 1), and Numerai's score depends on nothing else.
///
/// Formula: tie_kept_rank of numerai-tools, numerai_tools/scoring.py. `values` must hold no NaN.
/// `ranks` has the size of `values`; `order` is scratch that is kept from call to call.
void rank_within_era(std::span<const double> values, std::vector<std::uint32_t>& order,
                     std::span<double> ranks);

}  // namespace erawise::output
