#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "cli/documents.h"
#include "cli/help.h"
#include "config/load.h"
#include "util/error.h"
#include "util/exit_code.h"

namespace erawise {
namespace {

constexpr const char* kCommonGroup = "Common flags";
constexpr std::string_view kCommandLine = "command line";

/// CLI11 ends lines with blanks and paragraphs with several empty lines.
std::string without_stray_blanks(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto last = text.substr(0, end).find_last_not_of(' ');
        const std::string_view kept =
            last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
        if (!kept.empty() || (!result.empty() && !result.ends_with("\n\n"))) {
            result += fmt::format("{}\n", kept);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    while (result.ends_with("\n\n")) {
        result.pop_back();
    }
    return result;
}

/// The command line as words: which command, which flags with which texts, what is left over.
///
/// CLI11 is asked to split and to format help, no more: values, requirements and unknown words are
/// checked here, so that one message has all that is wrong. Pinned: CLI11 keeps addresses.
class Syntax {
  public:
    explicit Syntax(std::string_view version_text) {
        app_.name("erawise");
        app_.description(std::string(program_description()));
        app_.footer(program_footer());
        app_.usage("Usage: erawise COMMAND [flags]");
        app_.require_subcommand(0, 1);
        prepare(app_, version_text);
        for (const Command command : kCommands) {
            add_command(command, version_text);
        }
    }
    Syntax(const Syntax&) = delete;
    Syntax& operator=(const Syntax&) = delete;

    /// Throws CLI::ParseError.
    void parse(std::span<const char* const> arguments) {
        std::vector<std::string> words;
        for (const char* const argument :
             arguments.subspan(std::min<std::size_t>(1, arguments.size()))) {
            words.emplace_back(argument);
        }
        std::ranges::reverse(words);  // the order in which CLI11 takes them
        app_.parse(std::move(words));
    }

    /// Empty when no command was given.
    [[nodiscard]] std::optional<Command> command() const {
        for (const Command command : kCommands) {
            if (app_.got_subcommand(std::string(name_of(command)))) {
                return command;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::vector<FlagText> flags(Command command) const {
        std::vector<FlagText> flags;
        for (const Binding& binding : bindings_) {
            if (binding.command == command && binding.parsed->count() > 0) {
                const bool is_switch = binding.option->placeholder.empty();
                flags.push_back({binding.option, is_switch ? "true" : binding.text});
            }
        }
        return flags;
    }

    /// Words that are neither the command nor behind it.
    [[nodiscard]] std::vector<std::string> words_before_command() const {
        return app_.remaining(false);
    }

    /// Words behind the command that belong to no flag.
    [[nodiscard]] std::vector<std::string> left_over() const { return app_.remaining(true); }

    /// Help for the command that was given, or for the program.
    [[nodiscard]] std::string help() const { return without_stray_blanks(app_.help()); }

    [[nodiscard]] bool prints_config() const { return print_config_; }
    [[nodiscard]] bool checks_config() const { return check_config_; }

  private:
    struct Binding {
        Command command = Command::run;
        const ConfigOption* option = nullptr;
        CLI::Option* parsed = nullptr;
        std::string text;
    };

    static void prepare(CLI::App& app, std::string_view version_text) {
        app.allow_extras();
        app.set_help_flag(fmt::format("-h,{}", kHelp.name), std::string(kHelp.help));
        app.set_version_flag(std::string(kVersion.name), std::string(version_text),
                             std::string(kVersion.help));
        app.get_formatter()->column_width(32);
        app.get_formatter()->long_option_alignment_ratio(6.0F / 32.0F);
        app.get_formatter()->right_column_width(66);
        app.get_formatter()->description_paragraph_width(96);
        app.get_formatter()->enable_footer_formatting(false);
        app.get_help_ptr()->group(kCommonGroup);
        app.get_version_ptr()->group(kCommonGroup);
    }

    /// Help shows flags in the order in which they are added: needed, own, common.
    void add_command(Command command, std::string_view version_text) {
        CLI::App& app = *app_.add_subcommand(std::string(name_of(command)),
                                             std::string(command_summary(command)));
        app.group("Commands");
        app.usage(fmt::format("Usage: erawise {} [flags]", name_of(command)));
        app.footer(command_footer(command));
        add_flags(app, command,
                  [](const ConfigOption& option) { return option.presence == Presence::required; });
        add_flags(app, command, [](const ConfigOption& option) {
            return option.presence != Presence::required && !is_common(option);
        });
        add_flags(app, command, is_common);
        app.add_flag(std::string(kPrintConfig.name), print_config_, std::string(kPrintConfig.help))
            ->disable_flag_override()
            ->group(kCommonGroup);
        app.add_flag(std::string(kCheckConfig.name), check_config_, std::string(kCheckConfig.help))
            ->disable_flag_override()
            ->group(kCommonGroup);
        prepare(app, version_text);
    }

    static bool is_common(const ConfigOption& option) {
        return option.flags.front().commands == kEveryCommand;
    }

    template <typename Predicate>
    void add_flags(CLI::App& app, Command command, Predicate&& belongs) {
        for (const ConfigOption& option : config_options()) {
            if (!option.flag_for(command).empty() && belongs(option)) {
                add_flag(app, command, option);
            }
        }
    }

    void add_flag(CLI::App& app, Command command, const ConfigOption& option) {
        Binding& binding = bindings_.emplace_back();
        binding.command = command;
        binding.option = &option;
        const std::string name(option.flag_for(command));
        const std::string description = option_description(option);
        if (option.placeholder.empty()) {
            binding.parsed = app.add_flag(name, description)->disable_flag_override();
        } else {
            binding.parsed = app.add_option(name, binding.text, description)
                                 ->type_name(std::string(option.placeholder));
        }
        binding.parsed->group(is_common(option) ? kCommonGroup : "Flags");
    }

    CLI::App app_;
    std::deque<Binding> bindings_;  // a deque: CLI11 holds the addresses of the texts
    bool print_config_ = false;
    bool check_config_ = false;
};

std::vector<std::string_view> flags_of(Command command) {
    std::vector<std::string_view> names = {"--help", "--version", "--print-config",
                                           "--check-config"};
    for (const ConfigOption& option : config_options()) {
        if (const auto name = option.flag_for(command); !name.empty()) {
            names.push_back(name);
        }
    }
    return names;
}

/// Only the first word is named: what follows an unknown flag is probably its value, which may be
/// a key.
void note_left_over(const Syntax& syntax, Command command, ConfigProblems& problems) {
    const auto words = syntax.left_over();
    if (words.empty()) {
        return;
    }
    const std::string& word = words.front();
    if (word.starts_with('-')) {
        problems.add_unknown(kCommandLine, fmt::format("flag of erawise {}", name_of(command)),
                             word.substr(0, word.find('=')), flags_of(command));
    } else {
        problems.add(kCommandLine, fmt::format("{}: erawise {} takes flags only",
                                               quoted_value(word), name_of(command)));
    }
}

/// The first word is not a command. Throws Error(usage).
void refuse_first_word(const std::vector<std::string>& words) {
    const std::string word = words.front().substr(0, words.front().find('='));
    ConfigProblems problems;
    if (word.starts_with('-')) {
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

CommandLine interpret(const Syntax& syntax, Command command, const Environment& environment) {
    const bool answers = syntax.prints_config() || syntax.checks_config();
    ConfigProblems problems;
    note_left_over(syntax, command, problems);
    CommandLine result;
    result.command = command;
    result.config =
        load_config(command, syntax.flags(command), environment,
                    answers ? Completeness::readable : Completeness::runnable, problems);
    problems.throw_if_any();
    if (syntax.prints_config()) {
        return answer(describe_config(result.config, command, environment));
    }
    if (syntax.checks_config()) {
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
    Syntax syntax(version_text);
    try {
        syntax.parse(arguments);
    } catch (const CLI::CallForHelp&) {
        return answer(syntax.help());
    } catch (const CLI::CallForVersion&) {
        return answer(std::string(version_text));
    } catch (const CLI::ArgumentMismatch& error) {
        throw util::Error(util::ErrorKind::usage,
                          fmt::format("{}: a flag is given once, with one value unless it is a "
                                      "switch: {}",
                                      kCommandLine, error.what()));
    } catch (const CLI::ParseError& error) {
        throw util::Error(util::ErrorKind::usage,
                          fmt::format("{}: {}", kCommandLine, error.what()));
    }
    if (const auto words = syntax.words_before_command(); !words.empty()) {
        refuse_first_word(words);
    }
    const auto command = syntax.command();
    return command ? interpret(syntax, *command, environment)
                   : answer(syntax.help(), exit_code_for(util::ErrorKind::usage));
}

}  // namespace erawise
