#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace erawise {

/// What Numerai's diagnostics say about a file of predictions. Numbers that Numerai did not give
/// are empty.
struct DiagnosticsReport {
    using Number = std::optional<double>;

    struct Era {
        std::string era;
        std::vector<Number> numbers;  ///< in the order of era_columns
    };

    std::string model;   ///< Numerai's name of the model
    std::string id;      ///< Numerai's id of the diagnostics; empty when they were not begun
    std::string status;  ///< Numerai's last word: "done"; empty when it gave none
    std::string message;
    std::string sha256;  ///< of the file that was sent; empty when none was
    std::optional<int> eras_accepted;
    std::optional<bool> trained_on_validation;
    std::vector<std::pair<std::string, Number>> summary;  ///< over all eras, by name
    std::vector<std::string> era_columns;
    std::vector<Era> eras;
};

/// Two tables for a terminal: the eras, then the summary, so that the end of a long text is what
/// one looks for. Columns and lines without any number are left out. Texts of the server are
/// printed without control characters.
std::string diagnostics_tables(const DiagnosticsReport& report);

}  // namespace erawise
