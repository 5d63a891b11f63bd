#include "config/config.h"

namespace erawise {

std::string_view name_of(Command command) noexcept {
    switch (command) {
        case Command::run:
            return "run";
        case Command::predict:
            return "predict";
        case Command::backtest:
            return "backtest";
        case Command::score:
            return "score";
        case Command::download:
            return "download";
        case Command::submit:
            return "submit";
        case Command::inspect:
            return "inspect";
        case Command::doctor:
            return "doctor";
        case Command::diagnose:
            return "diagnose";
    }
    return "";
}

// Not in the header, where it would leave Config an aggregate: g++ 16 destroys the members of a
// nested aggregate twice when a later initialiser of the enclosing one throws.
Config::Config() = default;

std::string_view Config::origin_of(std::string_view option_name) const {
    const auto found = origins.find(option_name);
    return found != origins.end() ? std::string_view(found->second) : "default";
}

output::Transforms effective_transform(const Config& config, Command command) {
    const output::Transforms ranks = {{.kind = output::TransformStep::Kind::rank}};
    return config.transform.value_or(command == Command::run ? ranks : output::Transforms());
}

output::Transforms effective_transform(const Config& config, Command command,
                                       const SubmissionConfig& submission) {
    return submission.transform.value_or(effective_transform(config, command));
}

std::filesystem::path effective_features_file(const Config& config,
                                              const std::filesystem::path& data) {
    return config.data.features_file.empty() ? data.parent_path() / "features.json"
                                             : config.data.features_file;
}

std::filesystem::path effective_work_directory(const Config& config,
                                               const std::filesystem::path& output) {
    if (!config.work_directory.empty()) {
        return config.work_directory;
    }
    return output.has_parent_path() ? output.parent_path() : ".";
}

std::optional<util::MemoryCap> effective_memory_cap(const Config& config) {
    return util::memory_cap(config.memory_limit_bytes,
                            std::string(config.origin_of("memory_limit")));
}

std::filesystem::path effective_output_directory(const Config& config) {
    return config.output_directory.empty() ? config.data.directory / "output"
                                           : config.output_directory;
}

}  // namespace erawise
