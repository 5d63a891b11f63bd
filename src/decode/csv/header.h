#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decode/csv/text.h"

// What every CSV file with a header line keeps to, whatever is read from it.
namespace erawise::decode {

/// The names of the columns: goes to the first row. Error(data) when there is none.
std::vector<std::string> read_csv_header(CsvText& text);

/// Error(data) unless the row has as many fields as there are names.
void require_field_count(const CsvText& text, std::size_t names);

/// A field that names its row. Error(data) where it is missing, or longer than `most_bytes`;
/// `column` is what it is called.
std::string_view require_label(CsvText& text, std::size_t field, std::string_view column,
                               std::size_t most_bytes);

/// Error(data): a field of the row that CsvNumbers refused, with the place, the value, the reason.
[[noreturn]] void fail_number(CsvText& text, std::size_t field, std::string_view column);

}  // namespace erawise::decode
