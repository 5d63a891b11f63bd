#include <fmt/format.h>
#include <gmock/gmock.h>

#include "app/app_test_support.h"
#include "config_options.h"
#include "exit_code.h"

namespace erawise {
namespace {

constexpr std::array kCommands = {Command::run,    Command::predict, Command::download,
                                  Command::submit, Command::inspect, Command::doctor};

std::string code(std::string_view text) {
    return text.empty() ? std::string() : fmt::format("`{}`", text);
}

/// "`--data-directory` (run), `--directory` (download)"; without commands where all take it.
std::string flags_cell(const ConfigOption& option) {
    std::string cell;
    for (const CommandFlag& flag : option.flags) {
        std::string commands;
        for (const Command command : kCommands) {
            if (contains(flag.commands, command)) {
                commands += fmt::format("{}{}", commands.empty() ? "" : ", ", name_of(command));
            }
        }
        if (!flag.name.empty()) {
            cell +=
                fmt::format("{}`{}`{}", cell.empty() ? "" : ", ", flag.name,
                            flag.commands == kEveryCommand ? "" : fmt::format(" ({})", commands));
        }
    }
    return cell;
}

std::string default_cell(const ConfigOption& option) {
    if (option.presence == Presence::required) {
        return "required";
    }
    const std::string text = option.get(Config());
    return text.empty() ? "empty" : code(text);
}

/// The table of docs/CONFIGURATION.md.
std::string table() {
    std::string text =
        "| key in the file | environment | flag | default | what it is | allowed |\n"
        "|---|---|---|---|---|---|\n";
    for (const ConfigOption& option : config_options()) {
        text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", code(option.key),
                            code(option.environment), flags_cell(option), default_cell(option),
                            option.help, option.expected);
    }
    return text;
}

TEST(ConfigurationDocument, HasTheTableOfOptions) {
    const std::string document = repository_file("docs/CONFIGURATION.md");
    EXPECT_NE(document.find(table()), std::string::npos)
        << "docs/CONFIGURATION.md should have this table:\n"
        << table();
}

TEST(ConfigurationDocument, HasTheExitCodes) {
    EXPECT_THAT(repository_file("docs/CONFIGURATION.md"), testing::HasSubstr(exit_code_table()));
}

}  // namespace
}  // namespace erawise
