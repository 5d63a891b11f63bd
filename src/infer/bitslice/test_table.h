#pragma once

#include <cstdint>

#include "infer/bitslice/program.h"
#include "infer/forest.h"

namespace erawise::infer {

/// The test that a split asks of a column.
SplitTest test_of(const TreeNode& split, std::uint32_t column) noexcept;

/// The order of a table's tests: by column, then by threshold, so that neighbours have answers that
/// are nearly the same. Total, also for the NaN that damaged models may hold; both zeros are one.
bool comes_before(const SplitTest& a, const SplitTest& b) noexcept;

}  // namespace erawise::infer
