#include "config/load.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/file.h"
#include "config/values.h"
#include "util/atomic_file.h"
#include "util/error.h"

namespace erawise {
namespace {

constexpr std::string_view kCommandLine = "command line";

/// Some hundred submissions with feature lists fit; what is larger is another file.
constexpr std::size_t kLargestConfigFile = 4U << 20;

std::string config_file_path(std::span<const FlagText> flags, const Environment& environment) {
    for (const FlagText& flag : flags) {
        if (flag.option->flags.front().name == "--config") {
            return flag.text;
        }
    }
    return std::string(value_of(environment, "ERAWISE_CONFIG"));
}

void merge_file(const std::string& path, Config& config, ConfigProblems& problems) {
    try {
        merge_config_file(util::read_small_file(path, kLargestConfigFile), path, config, problems);
    } catch (const util::Error& error) {
        problems.add("config file", error.what());
    }
}

void merge_flags(std::span<const FlagText> flags, Command command, Config& config,
                 ConfigProblems& problems) {
    for (const FlagText& flag : flags) {
        const std::string_view name = flag.option->flag_for(command);
        if (!set_option(*flag.option, flag.text, fmt::format("flag {}", name), config)) {
            problems.add_value(kCommandLine, name, quoted_value(flag.text), flag.option->expected);
        }
    }
}

void check_required_flags(Command command, std::span<const FlagText> flags,
                          ConfigProblems& problems) {
    for (const ConfigOption& option : config_options()) {
        const std::string_view name = option.flag_for(command);
        const bool given = std::ranges::find(flags, &option, &FlagText::option) != flags.end();
        if (option.presence == Presence::required && !name.empty() && !given) {
            problems.add(kCommandLine, fmt::format("{} {} is missing: erawise {} needs it", name,
                                                   option.placeholder, name_of(command)));
        }
    }
}

void check_combinations(const Config& config, ConfigProblems& problems) {
    if (config.retry.initial > config.retry.maximum) {
        problems.add("configuration", fmt::format("retry.initial_seconds = {} ({}) is more than "
                                                  "retry.maximum_seconds = {} ({})",
                                                  format_seconds(config.retry.initial),
                                                  config.origin_of("retry.initial_seconds"),
                                                  format_seconds(config.retry.maximum),
                                                  config.origin_of("retry.maximum_seconds")));
    }
}

void check_inspect(const Config& config, ConfigProblems& problems) {
    if (config.inspect.data.empty() && config.inspect.model.empty()) {
        problems.add(kCommandLine, "erawise inspect needs --data FILE, --model FILE or both");
    }
}

void check_model(const Config& config, Command command, ConfigProblems& problems) {
    if (config.predict.model.empty() == config.predict.submission.empty()) {
        problems.add(kCommandLine,
                     fmt::format("erawise {} needs --model FILE, or --submission NAME of the "
                                 "config file's submissions",
                                 name_of(command)));
    }
}

/// Numerai takes what lies inside (0, 1): the model's own values may, quantiles never do.
void check_submittable(const output::Transforms& transforms, std::string_view where,
                       ConfigProblems& problems) {
    if (!transforms.empty() && transforms.back().kind != output::TransformStep::Kind::rank) {
        problems.add("configuration",
                     fmt::format("{} = {}: erawise run submits values inside (0, 1), so that rank "
                                 "has to be the last step",
                                 where, format_transform(transforms)));
    }
}

void check_run(const Config& config, ConfigProblems& problems) {
    check_submittable(effective_transform(config, Command::run), "transform", problems);
    for (const SubmissionConfig& submission : config.submissions) {
        if (submission.transform) {
            check_submittable(*submission.transform,
                              fmt::format("transform of {}", submission.model), problems);
        }
    }
}

void check_scores(const Config& config, ConfigProblems& problems) {
    if (!config.score.meta_model_column.empty() && config.score.meta_model.empty()) {
        problems.add(kCommandLine,
                     "--meta-model-column names a column of a file, and --meta-model names none");
    }
}

void check_command(const Config& config, Command command, ConfigProblems& problems) {
    switch (command) {
        case Command::inspect:
            return check_inspect(config, problems);
        case Command::predict:
            return check_model(config, command, problems);
        case Command::backtest:
            check_model(config, command, problems);
            return check_scores(config, problems);
        case Command::score:
            return check_scores(config, problems);
        case Command::run:
        case Command::doctor:
            return check_run(config, problems);
        default:
            return;
    }
}

bool signs_in(Command command) {
    return command == Command::run || command == Command::submit || command == Command::doctor ||
           command == Command::diagnose;
}

bool is_known_to(const ConfigOption& option, Command command) {
    return !option.key.empty() || !option.environment.empty() || !option.flag_for(command).empty();
}

std::string describe_submission(const SubmissionConfig& submission) {
    std::string files;
    for (const EnsembleMember& member : submission.ensemble) {
        files += fmt::format("{}{}", files.empty() ? "" : " + ", member.file.string());
    }
    return fmt::format(
        "{} from {}, {}transform {}, features {}", submission.model, files,
        submission.ensemble.size() > 1 ? fmt::format("blend {}, ", format_choice(submission.blend))
                                       : "",
        format_transform(submission.transform),
        submission.features.empty() ? "auto" : std::to_string(submission.features.size()));
}

std::string line(std::string_view name, std::string_view value, std::string_view origin) {
    return fmt::format("{:<40}  ({})\n",
                       fmt::format("{} = {}", name, value.empty() ? "(empty)" : value), origin);
}

}  // namespace

Config load_config(Command command, std::span<const FlagText> flags, const Environment& environment,
                   Completeness completeness, ConfigProblems& problems) {
    Config config;
    if (const std::string path = config_file_path(flags, environment); !path.empty()) {
        merge_file(path, config, problems);
    }
    merge_environment(environment, config, problems);
    merge_flags(flags, command, config, problems);
    check_combinations(config, problems);
    if (completeness == Completeness::runnable) {
        check_required_flags(command, flags, problems);
        check_command(config, command, problems);
    }
    if (signs_in(command)) {
        const bool needed = completeness == Completeness::runnable && !config.dry_run &&
                            command != Command::doctor;  // which tells what is missing
        merge_key_pair(environment, needed ? KeyPair::required : KeyPair::if_given, config,
                       problems);
    }
    return config;
}

std::string describe_config(const Config& config, Command command, const Environment& environment) {
    std::string text;
    for (const ConfigOption& option : config_options()) {
        if (is_known_to(option, command)) {
            text += line(option.name(), option.get(config), config.origin_of(option.name()));
        }
    }
    const std::string_view origin = config.origin_of("submissions");
    text += config.submissions.empty() ? line("submissions", "every model file", origin) : "";
    for (std::size_t i = 0; i < config.submissions.size(); ++i) {
        text += line(fmt::format("submissions[{}]", i), describe_submission(config.submissions[i]),
                     origin);
    }
    for (const std::string_view name : {kPublicIdVariable, kSecretKeyVariable}) {
        text += fmt::format("{}: {}\n", name, describe_secret(environment, name));
    }
    return text;
}

}  // namespace erawise
