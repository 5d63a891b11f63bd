#include "cli/help_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "cli/help.h"
#include "config/options.h"

namespace erawise {
namespace {

constexpr std::size_t kLeftColumn = 32;
constexpr std::size_t kRightColumn = 66;
constexpr std::size_t kParagraph = 96;

/// Breaks the text between words, so that no line is longer than `width`; lines after the first are
/// indented.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
    std::string lines;
    std::size_t column = 0;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (column > 0 && column + 1 + word.size() > width) {
            lines += fmt::format("\n{:{}}", "", indent);
            column = 0;
        }
        lines += fmt::format("{}{}", column > 0 ? " " : "", word);
        column += (column > 0 ? 1 : 0) + word.size();
    }
    return lines;
}

/// A line of two columns; the right one begins below where the left one is too long.
std::string entry(std::string_view left, std::string_view right) {
    const std::string text = wrapped(right, kRightColumn, kLeftColumn);
    return left.size() < kLeftColumn ? fmt::format("{:{}}{}\n", left, kLeftColumn, text)
                                     : fmt::format("{}\n{:{}}{}\n", left, "", kLeftColumn, text);
}

std::string flag_entry(const ConfigOption& option, Command command) {
    return entry(fmt::format("      {}{}{}", option.flag_for(command),
                             option.placeholder.empty() ? "" : " ", option.placeholder),
                 option_description(option));
}

template <typename Predicate>
std::string flag_entries(Command command, Predicate&& belongs) {
    std::string text;
    for (const ConfigOption& option : config_options()) {
        if (!option.flag_for(command).empty() && belongs(option)) {
            text += flag_entry(option, command);
        }
    }
    return text;
}

bool is_common(const ConfigOption& option) {
    return option.flags.front().commands == kEveryCommand;
}

/// --help and --version, which the program has without a command, too.
std::string question_entries() {
    return entry(fmt::format("  -h, {}", kHelp.name), kHelp.help) +
           entry(fmt::format("      {}", kVersion.name), kVersion.help);
}

std::string group(std::string_view title, std::string_view entries) {
    return entries.empty() ? std::string() : fmt::format("{}:\n{}\n", title, entries);
}

std::string program_help() {
    std::string commands;
    for (const Command command : kCommands) {
        commands += entry(fmt::format("  {}", name_of(command)), command_summary(command));
    }
    return fmt::format("{}\n\nUsage: erawise COMMAND [flags]\n\n{}{}{}",
                       wrapped(program_description(), kParagraph, 0),
                       group("Common flags", question_entries()), group("Commands", commands),
                       program_footer());
}

std::string command_help(Command command) {
    const std::string needed = flag_entries(
        command, [](const ConfigOption& option) { return option.presence == Presence::required; });
    const std::string own = flag_entries(command, [](const ConfigOption& option) {
        return option.presence != Presence::required && !is_common(option);
    });
    const std::string common =
        flag_entries(command, is_common) +
        entry(fmt::format("      {}", kPrintConfig.name), kPrintConfig.help) +
        entry(fmt::format("      {}", kCheckConfig.name), kCheckConfig.help) + question_entries();
    return fmt::format("{}\n\nUsage: erawise {} [flags]\n\n{}{}{}",
                       wrapped(command_summary(command), kParagraph, 0), name_of(command),
                       group("Flags", needed + own), group("Common flags", common),
                       command_footer(command));
}

}  // namespace

std::string help_text(std::optional<Command> command) {
    return command ? command_help(*command) : program_help();
}

}  // namespace erawise
