#include "config/file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/json.h"
#include "config/options.h"
#include "config/submissions.h"

namespace erawise {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kSubmissions = "submissions";

std::vector<std::string_view> known_keys() {
    std::vector<std::string_view> keys = {kSubmissions};
    for (const ConfigOption& option : config_options()) {
        if (!option.key.empty()) {
            keys.push_back(option.key);
        }
    }
    return keys;
}

/// "data", "retry", ...: the objects that group keys.
bool is_section(std::string_view path) {
    const std::string prefix = std::string(path) + ".";
    for (const ConfigOption& option : config_options()) {
        if (option.key.starts_with(prefix)) {
            return true;
        }
    }
    return false;
}

bool has_kind(const Json& value, JsonKind kind) {
    switch (kind) {
        case JsonKind::none:
            return false;
        case JsonKind::text:
            return value.is_string();
        case JsonKind::integer:
            return value.is_number_integer();
        case JsonKind::number:
            return value.is_number();
        case JsonKind::text_or_integer:
            return value.is_string() || value.is_number_integer();
    }
    return false;
}

/// The text of a string or a number.
std::string scalar_text(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

class Merger {
  public:
    Merger(std::string_view name, Config& config, ConfigProblems& problems)
        : name_(name), config_(config), problems_(problems) {}

    void merge_object(const Json& object, std::string_view path) {
        for (const auto& [key, value] : object.items()) {
            merge_member(value, child_path(path, key));
        }
    }

  private:
    void merge_member(const Json& value, const std::string& path) {
        if (const ConfigOption* option = find_option_by_key(path)) {
            merge_value(*option, value);
        } else if (path == kSubmissions) {
            config_.submissions = parse_submissions(value, name_, problems_);
            config_.origins.insert_or_assign(path, origin());
        } else if (!is_section(path)) {
            problems_.add_unknown(name_, "key", path, known_keys());
        } else if (!value.is_object()) {
            problems_.add_value(name_, path, quoted_json(value), "an object");
        } else {
            merge_object(value, path);
        }
    }

    void merge_value(const ConfigOption& option, const Json& value) {
        if (!has_kind(value, option.json) ||
            !set_option(option, scalar_text(value), origin(), config_)) {
            problems_.add_value(name_, option.key, quoted_json(value), option.expected);
        }
    }

    [[nodiscard]] std::string origin() const { return fmt::format("file {}", name_); }

    std::string_view name_;
    Config& config_;
    ConfigProblems& problems_;
};

/// "line 3, column 9: ..." out of the parser's "[json.exception...] parse error at line 3, ...",
/// without the text that it read last, which may be a key.
std::string syntax_message(std::string_view message) {
    message = message.substr(0, message.find("; last read"));
    const auto at = message.find("line ");
    return fmt::format("not valid JSON: {}",
                       at != std::string_view::npos ? message.substr(at) : message);
}

}  // namespace

void merge_config_file(std::string_view text, std::string_view name, Config& config,
                       ConfigProblems& problems) {
    Json document;
    try {
        document = Json::parse(text, nullptr, true, true);
    } catch (const Json::exception& error) {
        problems.add(name, syntax_message(error.what()));
        return;
    }
    if (!document.is_object()) {
        problems.add_value(name, "the document", quoted_json(document), "an object");
        return;
    }
    for (const std::string& path : duplicate_keys(text)) {
        problems.add(name, fmt::format("{}: the key is there twice; keep one", path));
    }
    Merger(name, config, problems).merge_object(document, "");
}

}  // namespace erawise
