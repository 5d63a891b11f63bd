#include "config/options.h"

#include <algorithm>

namespace erawise {

std::string_view ConfigOption::flag_for(Command command) const {
    for (const CommandFlag& flag : flags) {
        if (contains(flag.commands, command)) {
            return flag.name;
        }
    }
    return {};
}

std::string_view ConfigOption::name() const {
    if (!key.empty()) {
        return key;
    }
    return !flags.front().name.empty() ? flags.front().name : environment;
}

const ConfigOption* find_option_by_key(std::string_view key) {
    const auto options = config_options();
    const auto found = std::ranges::find(options, key, &ConfigOption::key);
    return !key.empty() && found != options.end() ? &*found : nullptr;
}

bool set_option(const ConfigOption& option, std::string_view text, std::string_view origin,
                Config& config) {
    if (!option.set(config, text)) {
        return false;
    }
    config.origins.insert_or_assign(std::string(option.name()), std::string(origin));
    return true;
}

}  // namespace erawise
