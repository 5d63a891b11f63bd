#include "cli/typed_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/help.h"
#include "config/options.h"

namespace erawise {
namespace {

/// "--flag=value", taken apart.
struct Typed {
    std::string_view name;
    std::optional<std::string_view> value;
};

Typed take_apart(std::string_view word) {
    const auto equals = word.find('=');
    return equals == std::string_view::npos
               ? Typed{word, std::nullopt}
               : Typed{word.substr(0, equals), word.substr(equals + 1)};
}

std::optional<Command> find_command(std::string_view word) {
    const auto* const found = std::ranges::find(kCommands, word, name_of);
    return found != kCommands.end() ? std::optional(*found) : std::nullopt;
}

const ConfigOption* find_flag(Command command, std::string_view name) {
    const auto options = config_options();
    const auto found = std::ranges::find_if(options, [&](const ConfigOption& option) {
        return !name.empty() && option.flag_for(command) == name;
    });
    return found != options.end() ? &*found : nullptr;
}

class Splitter {
  public:
    explicit Splitter(std::span<const char* const> arguments)
        : rest_(arguments.subspan(std::min<std::size_t>(1, arguments.size()))) {}

    TypedWords split() && {
        while (!rest_.empty()) {
            const std::string_view word = next();
            result_.command ? take_behind_command(word) : take_before_command(word);
        }
        return std::move(result_);
    }

  private:
    std::string_view next() {
        const std::string_view word = rest_.front();
        rest_ = rest_.subspan(1);
        return word;
    }

    void take_before_command(std::string_view word) {
        if (!only_words_ && take_question(take_apart(word))) {
            return;
        }
        only_words_ = only_words_ || word == "--";
        result_.command = only_words_ ? std::nullopt : find_command(word);
        if (!result_.command && !result_.before_command) {
            result_.before_command = {std::string(word), word.starts_with('-')};
        }
    }

    void take_behind_command(std::string_view word) {
        if (only_words_ || !word.starts_with('-')) {
            note_left_over({std::string(word), false});
            return;
        }
        if (word == "--") {
            only_words_ = true;
            return;
        }
        const Typed typed = take_apart(word);
        if (take_question(typed) || take_check(typed)) {
            return;
        }
        if (const ConfigOption* const option = find_flag(*result_.command, typed.name)) {
            take_flag(*option, typed);
        } else {
            note_left_over({std::string(word), true});
        }
    }

    bool take_question(const Typed& typed) {
        const bool help = typed.name == "-h" || typed.name == kHelp.name;
        const bool version = typed.name == kVersion.name;
        result_.asks_help = result_.asks_help || help;
        result_.asks_version = result_.asks_version || version;
        return help || version;
    }

    bool take_check(const Typed& typed) {
        const bool prints = typed.name == kPrintConfig.name;
        const bool checks = typed.name == kCheckConfig.name;
        result_.prints_config = result_.prints_config || prints;
        result_.checks_config = result_.checks_config || checks;
        if (prints || checks) {
            expect_switch(typed);
        }
        return prints || checks;
    }

    void take_flag(const ConfigOption& option, const Typed& typed) {
        const bool is_again = std::ranges::contains(result_.flags, &option, &FlagText::option);
        if (option.placeholder.empty()) {
            expect_switch(typed);
            if (!is_again) {
                result_.flags.push_back({&option, "true"});
            }
            return;
        }
        if (!typed.value && rest_.empty()) {
            note_fault(fmt::format("{}: 1 required {} missing", typed.name, option.placeholder));
            return;
        }
        if (is_again) {
            note_fault(fmt::format("{}: At most 1 required but received 2", typed.name));
        }
        result_.flags.push_back({&option, std::string(typed.value ? *typed.value : next())});
    }

    /// A switch stands alone; "=true" says no more than that.
    void expect_switch(const Typed& typed) {
        if (!typed.value.value_or("true").empty() && typed.value.value_or("true") != "true") {
            note_fault(
                fmt::format("{} was given a disallowed flag override", typed.name.substr(2)));
        }
    }

    void note_left_over(StrayWord word) {
        if (!result_.left_over) {
            result_.left_over = std::move(word);
        }
    }

    void note_fault(std::string fault) {
        if (result_.fault.empty()) {
            result_.fault = std::move(fault);
        }
    }

    std::span<const char* const> rest_;
    bool only_words_ = false;
    TypedWords result_;
};

}  // namespace

TypedWords split_command_line(std::span<const char* const> arguments) {
    return Splitter(arguments).split();
}

}  // namespace erawise
