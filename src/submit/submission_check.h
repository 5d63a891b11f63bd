#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "util/id_set.h"

namespace erawise::submit {

/// What check_submission() needs at most: hashes of ids, and a read buffer.
inline constexpr std::size_t kSubmissionCheckBytes = std::size_t{4} << 20;

struct CheckedSubmission {
    std::uint64_t rows = 0;
    double minimum = 0;
    double maximum = 0;
};

/// Checks a submission file as Numerai's own validator does, in its order and with its words:
/// header (`id,prediction` or `id,probability`, nothing else), ids (present, no duplicates), values
/// (numbers, 0 to 1, deviation above 1e-8).
///
/// Stricter than the validator in one point: it lets values pass that lie outside by rounding,
/// but 1.0000000000002 has been refused. With `expected`, the ids must also be these, no more and
/// no fewer: those of the live data that was predicted. Reads the file in pieces, several times
/// when it has more ids than memory is planned for. Throws Error(rejected) with the line and the
/// remedy, Error(disk) when the file cannot be read.
///
/// Source: github.com/numerai/numerai-tools, numerai_tools/submissions.py.
CheckedSubmission check_submission(const std::filesystem::path& file,
                                   const std::optional<util::IdSet>& expected = std::nullopt);

}  // namespace erawise::submit
