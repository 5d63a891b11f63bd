#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/load.h"

namespace erawise {

/// A word of the command line that nothing takes.
struct StrayWord {
    std::string text;
    bool is_flag = false;  ///< it begins with "-", and stands before any "--"
};

/// The command line, split by the table of options. Values, requirements and stray words are judged
/// by whoever reads this, so that one message has all that is wrong.
struct TypedWords {
    std::optional<StrayWord> before_command;  ///< the first word that is neither it nor --help
    std::optional<Command> command;
    std::vector<FlagText> flags;         ///< of the command, in the order in which they were typed
    std::optional<StrayWord> left_over;  ///< the first word behind the command that no flag takes
    bool asks_help = false;
    bool asks_version = false;
    bool prints_config = false;
    bool checks_config = false;
    std::string fault;  ///< a flag without its value, or with one too many; the first, or empty
};

/// `arguments` as main() has them, with the program's name in front. "--flag value" and
/// "--flag=value" are the same; what follows a flag with a value is its value, whatever it looks
/// like. Behind "--" there are no flags.
TypedWords split_command_line(std::span<const char* const> arguments);

}  // namespace erawise
