#include "cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "cli/documents.h"
#include "cli/help.h"
#include "cli/help_text.h"
#include "cli/typed_words.h"
#include "config/load.h"
#include "util/error.h"
#include "util/exit_code.h"

namespace erawise {
namespace {

constexpr std::string_view kCommandLine = "command line";

std::vector<std::string_view> flags_of(Command command) {
    std::vector<std::string_view> names;
    std::ranges::transform(kCommonFlags, std::back_inserter(names), &CommonFlag::name);
    for (const ConfigOption& option : config_options()) {
        if (const auto name = option.flag_for(command); !name.empty()) {
            names.push_back(name);
        }
    }
    return names;
}

/// The words behind an unknown flag are not named: the first is probably its value, which may be a
/// key.
void note_left_over(const StrayWord& word, Command command, ConfigProblems& problems) {
    if (word.is_flag) {
        problems.add_unknown(kCommandLine, fmt::format("flag of erawise {}", name_of(command)),
                             word.text.substr(0, word.text.find('=')), flags_of(command));
    } else {
        problems.add(kCommandLine, fmt::format("{}: erawise {} takes flags only",
                                               quoted_value(word.text), name_of(command)));
    }
}

/// The first word is not a command. Throws Error(usage).
void refuse_first_word(const StrayWord& first) {
    const std::string word = first.text.substr(0, first.text.find('='));
    ConfigProblems problems;
    if (first.is_flag) {
        problems.add(kCommandLine,
                     fmt::format("{}: the command comes first: erawise COMMAND {}", word, word));
    } else {
        std::vector<std::string_view> names(kCommands.size());
        std::ranges::transform(kCommands, names.begin(), name_of);
        problems.add_unknown(kCommandLine, "command", word, names);
    }
    problems.throw_if_any();
}

CommandLine answer(std::string text, int exit_code = kExitDone) {
    CommandLine result;
    result.answer = ImmediateAnswer{.text = std::move(text), .exit_code = exit_code};
    return result;
}

std::string check_text(const Config& config) {
    return config.config_file.empty()
               ? "the configuration is valid; no config file was given\n"
               : fmt::format("the configuration is valid: {}\n", config.config_file.string());
}

CommandLine interpret(const TypedWords& words, Command command, const Environment& environment) {
    const bool answers = words.prints_config || words.checks_config;
    ConfigProblems problems;
    if (words.left_over) {
        note_left_over(*words.left_over, command, problems);
    }
    CommandLine result;
    result.command = command;
    result.config =
        load_config(command, words.flags, environment,
                    answers ? Completeness::readable : Completeness::runnable, problems);
    problems.throw_if_any();
    if (words.prints_config) {
        return answer(describe_config(result.config, command, environment));
    }
    if (words.checks_config) {
        result.answer = ImmediateAnswer{.text = check_text(result.config)};
        result.checks_submissions = command == Command::run || command == Command::doctor;
    }
    return result;
}

/// Documents, for who packages erawise: not in --help, since nobody else needs them.
std::optional<std::string> hidden_document(std::string_view flag) {
    if (flag == "--help-settings") {
        return settings_table(Detail::short_table);
    }
    if (flag == "--help-markdown") {
        return settings_table(Detail::full_table);
    }
    if (flag == "--help-man") {
        return manual_page();
    }
    if (flag == "--help-bash") {
        return shell_completion(Shell::bash);
    }
    if (flag == "--help-zsh") {
        return shell_completion(Shell::zsh);
    }
    if (flag == "--help-fish") {
        return shell_completion(Shell::fish);
    }
    return std::nullopt;
}

}  // namespace

CommandLine parse_command_line(std::span<const char* const> arguments,
                               const Environment& environment, std::string_view version_text) {
    if (arguments.size() == 2) {
        if (auto document = hidden_document(arguments[1])) {
            return answer(*std::move(document));
        }
    }
    const TypedWords words = split_command_line(arguments);
    if (words.asks_help) {
        return answer(help_text(words.command));
    }
    if (words.asks_version) {
        return answer(std::string(version_text));
    }
    if (!words.fault.empty()) {
        throw util::Error(util::ErrorKind::usage,
                          fmt::format("{}: a flag is given once, with one value unless it is a "
                                      "switch: {}",
                                      kCommandLine, words.fault));
    }
    if (words.before_command) {
        refuse_first_word(*words.before_command);
    }
    return words.command ? interpret(words, *words.command, environment)
                         : answer(help_text(std::nullopt), exit_code_for(util::ErrorKind::usage));
}

}  // namespace erawise
