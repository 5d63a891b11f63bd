#pragma once

#include <string>
#include <string_view>

namespace erawise::util {

/// Makes every vector kernel use one target, as Highway names it ("AVX2", "AVX3_ZEN4", "SSE4",
/// "NEON"), instead of the best that the machine has: for tests and comparisons. An empty name
/// changes nothing. False when the machine has no such target, or this build no code for it.
///
/// Call it before the first kernel runs, and from one thread.
[[nodiscard]] bool use_vector_target(std::string_view name);

/// The targets that may be named on this machine, best first: "AVX3, AVX2, SSE4".
std::string vector_target_names();

}  // namespace erawise::util
