#include "cli/documents.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "cli/help.h"
#include "config/options.h"
#include "util/exit_code.h"

namespace erawise {
namespace {

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

std::string full_table() {
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

std::string short_table() {
    std::string text =
        "| flag of `run` | environment | default | what it is |\n|---|---|---|---|\n";
    for (const ConfigOption& option : config_options()) {
        if (const auto flag = option.flag_for(Command::run); !flag.empty()) {
            text += fmt::format("| {} | {} | {} | {} |\n", code(flag), code(option.environment),
                                default_cell(option), option.help);
        }
    }
    return text;
}

/// Text as groff takes it: backslashes and hyphens escaped, no line that begins like a request.
std::string roff(std::string_view text) {
    std::string escaped;
    bool begins = true;
    for (const char c : text) {
        if (begins && (c == '.' || c == '\'')) {
            escaped += "\\&";
        }
        begins = c == '\n';
        if (c == '\\') {
            escaped += "\\e";
        } else if (c == '-') {
            escaped += "\\-";
        } else {
            escaped += c;
        }
    }
    return escaped;
}

std::string manual_option(const ConfigOption& option, std::string_view flag) {
    std::string text = fmt::format(".TP\n.B {}", roff(flag));
    if (!option.placeholder.empty()) {
        text += fmt::format(" \\fI{}\\fR", roff(option.placeholder));
    }
    text += fmt::format("\n{}.\n", roff(option_description(option)));
    if (!option.environment.empty()) {
        text += fmt::format("Environment: {}.\n", roff(option.environment));
    }
    return text;
}

std::string manual_command(Command command) {
    std::string text =
        fmt::format(".SS erawise {}\n.nf\n{}.fi\n", name_of(command), roff(command_story(command)));
    for (const ConfigOption& option : config_options()) {
        const auto flag = option.flag_for(command);
        if (!flag.empty() && option.flags.front().commands != kEveryCommand) {
            text += manual_option(option, flag);
        }
    }
    return text;
}

/// The values of a placeholder such as "text|json".
std::vector<std::string_view> choices_of(const ConfigOption& option) {
    std::vector<std::string_view> choices;
    std::string_view rest = option.placeholder;
    while (rest.contains('|') || !choices.empty()) {
        const auto end = std::min(rest.find('|'), rest.size());
        choices.push_back(rest.substr(0, end));
        if (end == rest.size()) {
            break;
        }
        rest.remove_prefix(end + 1);
    }
    return choices;
}

std::string joined(const std::vector<std::string_view>& words) {
    std::string text;
    for (const std::string_view word : words) {
        text += fmt::format("{}{}", text.empty() ? "" : " ", word);
    }
    return text;
}

bool takes_path(const ConfigOption& option) {
    return option.placeholder == "FILE" || option.placeholder == "DIR";
}

std::string bash_completion() {
    std::string flags;
    for (const Command command : kCommands) {
        std::vector<std::string_view> names;
        for (const ConfigOption& option : config_options()) {
            if (const auto flag = option.flag_for(command); !flag.empty()) {
                names.push_back(flag);
            }
        }
        for (const auto& [flag, help] : kCommonFlags) {
            names.push_back(flag);
        }
        flags += fmt::format("        {}) flags=\"{}\" ;;\n", name_of(command), joined(names));
    }
    std::string values;
    std::string paths;
    for (const ConfigOption& option : config_options()) {
        for (const CommandFlag& flag : option.flags) {
            if (flag.name.empty()) {
                continue;
            }
            if (const auto choices = choices_of(option); !choices.empty()) {
                values += fmt::format("        {}) words=\"{}\" ;;\n", flag.name, joined(choices));
            } else if (takes_path(option) && !paths.contains(fmt::format("{}|", flag.name))) {
                paths += fmt::format("{}|", flag.name);
            }
        }
    }
    paths.pop_back();
    return fmt::format(
        "# bash completion for erawise\n"
        "_erawise() {{\n"
        "    local current=\"${{COMP_WORDS[COMP_CWORD]}}\" previous=\"\" flags=\"\" words=\"\"\n"
        "    if [ \"$COMP_CWORD\" -le 1 ]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W \"{} --help --version\" -- \"$current\")\n"
        "        return\n"
        "    fi\n"
        "    previous=\"${{COMP_WORDS[COMP_CWORD - 1]}}\"\n"
        "    case \"${{COMP_WORDS[1]}}\" in\n{}    esac\n"
        "    case \"$previous\" in\n{}"
        "        {})\n"
        "            mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
        "            return\n"
        "            ;;\n"
        "    esac\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"${{words:-$flags}}\" -- \"$current\")\n"
        "}}\n"
        "complete -o filenames -F _erawise erawise\n",
        command_names(), flags, values, paths);
}

/// Text within single quotes of zsh's and fish's descriptions.
std::string quoted(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '\'') {
            escaped += "'\\''";
        } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
            escaped += fmt::format("\\{}", c);
        } else {
            escaped += c;
        }
    }
    return escaped;
}

std::string zsh_flag(const ConfigOption& option, std::string_view flag) {
    std::string text = fmt::format("'{}[{}]", flag, quoted(option.help));
    if (const auto choices = choices_of(option); !choices.empty()) {
        text += fmt::format(":value:({})", joined(choices));
    } else if (takes_path(option)) {
        text += fmt::format(":{}:_files{}", option.placeholder,
                            option.placeholder == "DIR" ? " -/" : "");
    } else if (!option.placeholder.empty()) {
        text += fmt::format(":{}:", quoted(option.placeholder));
    }
    return text + "'";
}

std::string zsh_completion() {
    std::string commands;
    std::string cases;
    for (const Command command : kCommands) {
        commands +=
            fmt::format("        '{}:{}'\n", name_of(command), quoted(command_summary(command)));
        cases += fmt::format("        {})\n            _arguments \\\n", name_of(command));
        for (const ConfigOption& option : config_options()) {
            if (const auto flag = option.flag_for(command); !flag.empty()) {
                cases += fmt::format("                {} \\\n", zsh_flag(option, flag));
            }
        }
        for (const auto& [flag, help] : kCommonFlags) {
            cases += fmt::format("                '{}[{}]' \\\n", flag, help);
        }
        cases += "                && return 0\n            ;;\n";
    }
    return fmt::format(
        "#compdef erawise\n"
        "_erawise() {{\n"
        "    local -a commands=(\n{}    )\n"
        "    if (( CURRENT == 2 )); then\n"
        "        _describe command commands\n"
        "        return\n"
        "    fi\n"
        "    local command=${{words[2]}}\n"
        "    shift words\n"
        "    (( CURRENT-- ))\n"
        "    case $command in\n{}    esac\n"
        "}}\n"
        "_erawise \"$@\"\n",
        commands, cases);
}

std::string fish_quoted(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            escaped += '\\';
        }
        escaped += c;
    }
    return escaped;
}

std::string fish_completion() {
    std::string text = "# fish completion for erawise\ncomplete -c erawise -f\n";
    for (const Command command : kCommands) {
        text += fmt::format("complete -c erawise -n __fish_use_subcommand -a {} -d '{}'\n",
                            name_of(command), fish_quoted(command_summary(command)));
    }
    for (const ConfigOption& option : config_options()) {
        for (const CommandFlag& flag : option.flags) {
            std::string commands;
            for (const Command command : kCommands) {
                if (contains(flag.commands, command)) {
                    commands += fmt::format(" {}", name_of(command));
                }
            }
            if (flag.name.empty()) {
                continue;
            }
            text += fmt::format("complete -c erawise -n '__fish_seen_subcommand_from{}' -l {}",
                                commands, flag.name.substr(2));
            const auto choices = choices_of(option);
            text += !choices.empty()              ? fmt::format(" -x -a '{}'", joined(choices))
                    : takes_path(option)          ? " -r -F"
                    : !option.placeholder.empty() ? " -x"
                                                  : "";
            text += fmt::format(" -d '{}'\n", fish_quoted(option.help));
        }
    }
    for (const auto& [flag, help] : kCommonFlags) {
        text += fmt::format("complete -c erawise -l {} -d '{}'\n", flag.substr(2), help);
    }
    return text;
}

}  // namespace

std::string settings_table(Detail detail) {
    return detail == Detail::full_table ? full_table() : short_table();
}

std::string manual_page() {
    std::string text =
        ".TH ERAWISE 1 \"\" \"erawise\" \"User Commands\"\n"
        ".SH NAME\nerawise \\- take part in the Numerai tournament within a memory cap\n"
        ".SH SYNOPSIS\n.B erawise\n.I COMMAND\n[\\fIflags\\fR]\n"
        ".SH DESCRIPTION\n" +
        roff(program_description()) + "\n.SH COMMANDS\n";
    for (const Command command : kCommands) {
        text += manual_command(command);
    }
    text += ".SH COMMON FLAGS\n";
    for (const ConfigOption& option : config_options()) {
        if (option.flags.front().commands == kEveryCommand) {
            text += manual_option(option, option.flags.front().name);
        }
    }
    for (const auto& [flag, help] : kCommonFlags) {
        text += fmt::format(".TP\n.B {}\n{}.\n", roff(flag), help);
    }
    text += ".SH ENVIRONMENT\nSettings come from defaults < config file < environment < flags.\n";
    for (const ConfigOption& option : config_options()) {
        if (option.flags.front().name.empty() && !option.environment.empty()) {
            text += fmt::format(".TP\n.B {}\n{}.\n", roff(option.environment), roff(option.help));
        }
    }
    text += ".SH EXIT STATUS\n.nf\n" + roff(exit_code_table()) + ".fi\n";
    return text;
}

std::string shell_completion(Shell shell) {
    switch (shell) {
        case Shell::bash:
            return bash_completion();
        case Shell::zsh:
            return zsh_completion();
        case Shell::fish:
            return fish_completion();
    }
    return "";
}

}  // namespace erawise
