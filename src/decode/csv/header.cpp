#include "decode/csv/header.h"

#include <fmt/format.h>

#include <utility>

#include "decode/csv/value.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

util::Error data_error(std::string message) {
    return {util::ErrorKind::data, std::move(message)};
}

}  // namespace

std::vector<std::string> read_csv_header(CsvText& text) {
    if (!text.next_row()) {
        throw data_error(
            fmt::format("{}: the file is empty; a header line is expected", text.name()));
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < text.fields(); ++i) {
        names.emplace_back(text.field(i));
    }
    return names;
}

void require_field_count(const CsvText& text, std::size_t names) {
    if (text.fields() == names) {
        return;
    }
    throw data_error(fmt::format(
        "{}: the row has {} fields, the header {}; {}", text.place(), text.fields(), names,
        text.fields() > names ? "a field with a comma in it needs quotes around it"
                              : "the file is damaged or was cut off: download it again"));
}

std::string_view require_label(CsvText& text, std::size_t field, std::string_view column,
                               std::size_t most_bytes) {
    const std::string_view label = text.field(field);
    if (is_missing(label)) {
        throw data_error(fmt::format("{}: the row has no {}: the field is {}", text.place(), column,
                                     label.empty() ? "empty"
                                                   : fmt::format("'{}', which pandas takes for a "
                                                                 "missing value",
                                                                 label)));
    }
    if (label.size() > most_bytes) {
        throw data_error(fmt::format("{}: the {} has {} bytes, {} are the most", text.place(),
                                     column, label.size(), most_bytes));
    }
    return label;
}

void fail_number(CsvText& text, std::size_t field, std::string_view column) {
    const std::string_view value = text.field(field);
    throw data_error(fmt::format("{}: column '{}' holds '{}', {}", text.place(), column,
                                 value.substr(0, 40), CsvNumbers::refusal(value)));
}

}  // namespace erawise::decode
