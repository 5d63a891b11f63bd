#include "report/diagnostics_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "util/printable.h"

namespace erawise {
namespace {

constexpr std::size_t kNumberWidth = 8;

std::string shown(std::string_view text) {
    return util::printable(text, util::LineBreaks::replace);
}

/// "corr_mean" -> "corr mean".
std::string words(std::string_view name) {
    std::string text(name);
    std::ranges::replace(text, '_', ' ');
    return text;
}

std::string cell(const DiagnosticsReport::Number& number) {
    return number ? fmt::format("{:.4f}", *number) : std::string("-");
}

/// Columns that hold a number in some era.
std::vector<std::size_t> used_columns(const DiagnosticsReport& report) {
    std::vector<std::size_t> used;
    for (std::size_t column = 0; column < report.era_columns.size(); ++column) {
        const bool any = std::ranges::any_of(
            report.eras, [&](const auto& era) { return era.numbers[column].has_value(); });
        if (any) {
            used.push_back(column);
        }
    }
    return used;
}

std::string era_table(const DiagnosticsReport& report) {
    const auto columns = used_columns(report);
    std::size_t label_width = 3;
    for (const auto& era : report.eras) {
        label_width = std::max(label_width, era.era.size());
    }
    std::string text = fmt::format("{:<{}}", "era", label_width);
    for (const std::size_t column : columns) {
        text += fmt::format("  {:>{}}", words(report.era_columns[column]), kNumberWidth);
    }
    text += "\n";
    for (const auto& era : report.eras) {
        text += fmt::format("{:<{}}", shown(era.era), label_width);
        for (const std::size_t column : columns) {
            const std::size_t width = std::max(kNumberWidth, report.era_columns[column].size());
            text += fmt::format("  {:>{}}", cell(era.numbers[column]), width);
        }
        text += "\n";
    }
    return text + "\n";
}

std::string summary_line(std::string_view name, std::string_view value) {
    return fmt::format("  {:<28}{:>10}\n", name, value);
}

}  // namespace

std::string diagnostics_tables(const DiagnosticsReport& report) {
    std::string text = report.eras.empty() ? std::string() : era_table(report);
    text += fmt::format("diagnostics {} of {}: {}\n", shown(report.id), shown(report.model),
                        shown(report.status));
    if (!report.message.empty()) {
        text += fmt::format("  {}\n", shown(report.message));
    }
    if (report.eras_accepted) {
        text += summary_line("eras accepted", std::to_string(*report.eras_accepted));
    }
    if (report.trained_on_validation) {
        text += summary_line("trained on validation", *report.trained_on_validation ? "yes" : "no");
    }
    for (const auto& [name, number] : report.summary) {
        if (number) {
            text += summary_line(words(name), cell(number));
        }
    }
    return text;
}

}  // namespace erawise
