#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "config/config.h"

namespace erawise {

/// A set of commands, one bit each.
using CommandSet = std::uint16_t;

template <typename... Commands>
constexpr CommandSet only(Commands... commands) {
    return static_cast<CommandSet>((0U | ... | (1U << static_cast<unsigned>(commands))));
}
inline constexpr CommandSet kNoCommand = 0;

/// All commands, in the order in which help shows them.
inline constexpr std::array kCommands = {Command::run,     Command::predict,  Command::backtest,
                                         Command::score,   Command::download, Command::submit,
                                         Command::inspect, Command::doctor,   Command::diagnose};

inline constexpr CommandSet kEveryCommand =
    std::apply([](auto... commands) { return only(commands...); }, kCommands);

constexpr bool contains(CommandSet set, Command command) {
    return (set & only(command)) != 0;
}

/// A flag, and the commands that take it.
struct CommandFlag {
    std::string_view name;
    CommandSet commands = kNoCommand;
};

/// What the config file holds for an option.
enum class JsonKind { none, text, integer, number, text_or_integer };

enum class Presence { optional, required };

/// Everything there is to know about one setting.
///
/// The command line, the environment, the config file, --help, --print-config and
/// docs/CONFIGURATION.md are all made from this table, so that they cannot disagree. The default
/// is the one of a Config that was just made.
struct ConfigOption {
    // Entries leave members out, which g++ takes in silence only where a default is written down.
    // NOLINTBEGIN(readability-redundant-member-init)
    std::string_view key = {};              ///< path in the config file; empty: not in the file
    std::string_view environment = {};      ///< variable; empty: none
    std::array<CommandFlag, 2> flags = {};  ///< at most one per command; empty names: none
    std::string_view placeholder = {};      ///< of the flag's value in --help; empty: a switch
    // NOLINTEND(readability-redundant-member-init)
    JsonKind json = JsonKind::none;
    std::string_view expected;               ///< what a value may be, as in "expected ..."
    std::string_view help;                   ///< one sentence, no full stop
    Presence presence = Presence::optional;  ///< of the flag
    bool (*set)(Config& config, std::string_view text);  ///< false: the text is not allowed
    std::string (*get)(const Config& config);            ///< a text that set() takes

    /// The flag's name for `command`; empty when the command does not take it.
    [[nodiscard]] std::string_view flag_for(Command command) const;

    /// The name in messages and in Config::origins: key, else flag, else variable.
    [[nodiscard]] std::string_view name() const;
};

/// All options, in the order in which documents show them.
std::span<const ConfigOption> config_options();

/// Null when there is no such key.
const ConfigOption* find_option_by_key(std::string_view key);

/// Sets the option and notes its origin. False when the text is not allowed; `config` is then as
/// it was.
bool set_option(const ConfigOption& option, std::string_view text, std::string_view origin,
                Config& config);

}  // namespace erawise
