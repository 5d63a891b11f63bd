#include "decode/parquet/chosen_columns.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "decode/id_column.h"
#include "decode/parquet/number_values.h"
#include "decode/parquet/text_values.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

util::Error data_error(std::string message) {
    return {util::ErrorKind::data, std::move(message)};
}

/// The first and the last column of a name.
struct Place {
    std::uint32_t first;
    std::uint32_t last;
};

void require_once(const NamedColumns& file, std::string_view name, const Place& place) {
    if (place.first != place.last) {
        throw data_error(fmt::format("{}: the schema names column '{}' twice, as columns {} and {}",
                                     file.file, name, place.first + 1, place.last + 1));
    }
}

void require_number(const NamedColumns& file, std::string_view name, std::uint32_t index) {
    const ParquetColumn& column = file.columns[index];
    if (!is_number(column)) {
        throw data_error(fmt::format("{}: column '{}' (number {}) is {}, which is {}", file.file,
                                     name, index + 1, describe(column),
                                     column.meaning == Meaning::decimal
                                         ? "not read as a number: write it as a float or a double"
                                         : "no number"));
    }
}

std::vector<ChosenColumns::Feature> find_features(const NamedColumns& file,
                                                  std::span<const SelectedColumn> selected) {
    std::unordered_map<std::string_view, Place> places;
    for (std::uint32_t i = 0; i < file.names.size(); ++i) {
        places.try_emplace(file.names[i], Place{i, i}).first->second.last = i;
    }
    std::vector<ChosenColumns::Feature> features;
    for (const auto& [name, piece] : selected) {
        const auto found = places.find(name);
        if (found == places.end()) {
            throw data_error(fmt::format("{}: there is no column '{}'", file.file, name));
        }
        require_once(file, name, found->second);
        require_number(file, name, found->second.first);
        features.push_back({found->second.first, piece});
    }
    return features;
}

std::optional<std::uint32_t> find_texts(const NamedColumns& file, std::string_view name,
                                        std::string_view purpose) {
    const auto found = std::ranges::find(file.names, name);
    if (found == file.names.end()) {
        return std::nullopt;
    }
    const auto number_of = [&](auto place) {
        return static_cast<std::uint32_t>(place - file.names.begin());
    };
    const std::uint32_t index = number_of(found);
    require_once(file, name, {index, number_of(std::ranges::find_last(file.names, name).begin())});
    if (!is_text(file.columns[index])) {
        throw data_error(
            fmt::format("{}: column '{}' (number {}) is {}; {} are strings, whole "
                        "numbers or dates",
                        file.file, name, index + 1, describe(file.columns[index]), purpose));
    }
    return index;
}

std::optional<std::uint32_t> find_data_types(const NamedColumns& file,
                                             const std::string& data_type) {
    if (data_type.empty()) {
        return std::nullopt;
    }
    const std::optional<std::uint32_t> index = find_texts(file, "data_type", "kinds of rows");
    if (!index) {
        throw data_error(
            fmt::format("{}: rows cannot be chosen by data_type '{}': there is no "
                        "column 'data_type'",
                        file.file, data_type));
    }
    return index;
}

}  // namespace

std::vector<std::uint32_t> ChosenColumns::columns() const {
    std::vector<std::uint32_t> columns;
    columns.reserve(features.size() + 3);
    for (const Feature& feature : features) {
        columns.push_back(feature.index);
    }
    columns.push_back(ids);
    for (const std::optional<std::uint32_t>& texts : {eras, data_types}) {
        if (texts) {
            columns.push_back(*texts);
        }
    }
    return columns;
}

ChosenColumns choose_columns(const NamedColumns& file, std::span<const SelectedColumn> selected,
                             const std::string& data_type) {
    ChosenColumns choice;
    choice.features = find_features(file, selected);
    choice.ids =
        find_texts(file, file.names[require_id_column(file.names, file.file)], "ids").value();
    choice.eras = find_texts(file, "era", "eras");
    if (!choice.eras) {
        spdlog::warn("{}: no column 'era'; the file is taken as one era", file.file);
    }
    choice.data_types = find_data_types(file, data_type);
    return choice;
}

}  // namespace erawise::decode
