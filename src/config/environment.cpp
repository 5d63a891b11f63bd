#include "config/environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "config/key_fault.h"
#include "config/options.h"
#include "config/values.h"
#include "util/atomic_file.h"
#include "util/error.h"

namespace erawise {
namespace {

constexpr std::string_view kWhere = "environment";
constexpr std::string_view kPrefix = "ERAWISE_";

/// A key is some sixty characters long; more than this is another file.
constexpr std::size_t kLargestKeyFile = 4096;

std::vector<std::string_view> known_variables() {
    std::vector<std::string_view> names;
    for (const ConfigOption& option : config_options()) {
        if (option.environment.starts_with(kPrefix)) {
            names.push_back(option.environment);
        }
    }
    return names;
}

std::string file_variable(std::string_view name) {
    return fmt::format("{}_FILE", name);
}

util::Secret checked_key(std::string text, std::string_view name, ConfigProblems& problems) {
    while (text.ends_with('\n') || text.ends_with('\r')) {
        text.pop_back();
    }
    if (const std::string_view fault = key_fault(text); !fault.empty()) {
        problems.add(kWhere, fmt::format("{} {}", name, fault));
        return {};
    }
    return util::Secret(std::move(text));
}

util::Secret read_key(const Environment& environment, std::string_view name,
                      ConfigProblems& problems) {
    const std::string_view direct = value_of(environment, name);
    const std::string_view path = value_of(environment, file_variable(name));
    if (!direct.empty() && !path.empty()) {
        problems.add(kWhere, fmt::format("{} and {} are both set; unset one of them", name,
                                         file_variable(name)));
        return {};
    }
    if (!direct.empty()) {
        return checked_key(std::string(direct), name, problems);
    }
    if (path.empty()) {
        return {};
    }
    try {
        return checked_key(util::read_small_file(path, kLargestKeyFile), file_variable(name),
                           problems);
    } catch (const util::Error& error) {
        problems.add(kWhere, fmt::format("{}: {}", file_variable(name), error.what()));
        return {};
    }
}

bool is_given(const Environment& environment, std::string_view name) {
    return !value_of(environment, name).empty() ||
           !value_of(environment, file_variable(name)).empty();
}

void require_key(const Environment& environment, std::string_view name, ConfigProblems& problems) {
    if (!is_given(environment, name)) {
        problems.add(kWhere, fmt::format("{} is not set: pass it (docker run -e {}), or {} with "
                                         "the path of a file that holds it; keys are made at "
                                         "https://numer.ai/account",
                                         name, name, file_variable(name)));
    }
}

}  // namespace

Environment current_environment() {
    Environment environment;
    for (const char* const* entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) {
            environment.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return environment;
}

std::string_view value_of(const Environment& environment, std::string_view name) {
    const auto found = environment.find(name);
    return found != environment.end() ? std::string_view(found->second) : std::string_view();
}

void merge_environment(const Environment& environment, Config& config, ConfigProblems& problems) {
    for (const ConfigOption& option : config_options()) {
        const std::string_view text = value_of(environment, option.environment);
        const std::string origin = fmt::format("{} {}", kWhere, option.environment);
        if (const std::string_view fault = value_fault(text); !fault.empty()) {
            problems.add(kWhere, fmt::format("{} {}", option.environment, fault));
        } else if (!text.empty() && !set_option(option, text, origin, config)) {
            problems.add_value(kWhere, option.environment, quoted_value(text), option.expected);
        }
    }
    const auto known = known_variables();
    for (const auto& [name, value] : environment) {
        if (name.starts_with(kPrefix) && std::ranges::find(known, name) == known.end()) {
            problems.add_unknown(kWhere, "variable", name, known);
        }
    }
}

void merge_key_pair(const Environment& environment, KeyPair need, Config& config,
                    ConfigProblems& problems) {
    const bool half_given =
        is_given(environment, kPublicIdVariable) != is_given(environment, kSecretKeyVariable);
    if (need == KeyPair::required || half_given) {
        require_key(environment, kPublicIdVariable, problems);
        require_key(environment, kSecretKeyVariable, problems);
    }
    config.numerai.public_id = read_key(environment, kPublicIdVariable, problems);
    config.numerai.secret_key = read_key(environment, kSecretKeyVariable, problems);
}

std::string describe_secret(const Environment& environment, std::string_view name) {
    if (!value_of(environment, name).empty()) {
        return fmt::format("set (from environment {})", name);
    }
    const std::string_view path = value_of(environment, file_variable(name));
    return path.empty() ? "not set" : fmt::format("set (from file {})", path);
}

}  // namespace erawise
