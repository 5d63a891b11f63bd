#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "decode/csv/text.h"

namespace erawise::submit {

/// A row of a two-column CSV file.
struct SubmissionRow {
    std::uint64_t line = 0;  ///< from 1, the header's
    std::string first;
    std::string second;
    bool two_fields = false;
};

/// Reads the rows of a submission one after the other, as data is read. Throws Error(disk) when the
/// file cannot be read, Error(rejected) for what is no CSV, such as a line longer than any
/// submission's.
class SubmissionRows {
  public:
    explicit SubmissionRows(const std::filesystem::path& file);

    /// False at the end.
    bool next(SubmissionRow& row);

  private:
    decode::CsvText text_;
};

}  // namespace erawise::submit
