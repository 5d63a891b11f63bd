#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace erawise::submit {

/// A row of a two-column CSV file. The views last until the next row is read.
struct SubmissionRow {
    std::uint64_t line = 0;  ///< from 1, the header's
    std::string_view first;
    std::string_view second;
    bool two_fields = false;  ///< exactly one comma
};

/// Reads rows one after the other; "\n" or "\r\n"; quotes around a field are taken off. Empty lines
/// are skipped, as pandas does. Throws Error(disk) when the file cannot be read, Error(rejected)
/// for a line longer than any submission's.
class SubmissionRows {
  public:
    explicit SubmissionRows(const std::filesystem::path& file);

    /// False at the end.
    bool next(SubmissionRow& row);

  private:
    std::filesystem::path path_;
    std::ifstream file_;
    std::array<char, 4096> text_{};
    std::uint64_t line_ = 0;
};

}  // namespace erawise::submit
