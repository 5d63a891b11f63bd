#include "config/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "config/problems.h"

namespace erawise {
namespace {

using Json = nlohmann::json;

/// Known keys are at most five levels deep. What is deeper is unknown as a whole, so that its inner
/// keys need no attention; and paths of any depth would cost memory without bound.
constexpr std::size_t kDeepest = 16;

/// Follows the parser through the document and remembers which keys each open object has.
class KeyTracker {
  public:
    void enter_object() { enter(Container::object); }
    void enter_array() { enter(Container::array); }

    void leave() {
        if (depth_-- <= kDeepest) {
            levels_.pop_back();
        }
    }

    void key(const std::string& name) {
        if (depth_ > kDeepest) {
            return;
        }
        Level& level = levels_.back();
        level.key = name;
        if (!level.keys.insert(name).second) {
            duplicates_.push_back(child_path(level.path, name));
        }
    }

    void value() {
        if (depth_ <= kDeepest) {
            next_path();
        }
    }

    [[nodiscard]] std::vector<std::string> duplicates() && { return std::move(duplicates_); }

  private:
    enum class Container { object, array };

    struct Level {
        Container container = Container::object;
        std::string path;
        std::set<std::string> keys;
        std::string key;
        std::size_t index = 0;
    };

    void enter(Container container) {
        if (++depth_ <= kDeepest) {
            std::string path = next_path();
            Level& level = levels_.emplace_back();
            level.container = container;
            level.path = std::move(path);
        }
    }

    /// The path of the value that begins here.
    std::string next_path() {
        if (levels_.empty()) {
            return {};
        }
        Level& level = levels_.back();
        return level.container == Container::array ? element_path(level.path, level.index++)
                                                   : child_path(level.path, level.key);
    }

    std::size_t depth_ = 0;
    std::vector<Level> levels_;
    std::vector<std::string> duplicates_;
};

void follow(KeyTracker& tracker, Json::parse_event_t event, const Json& parsed) {
    switch (event) {
        case Json::parse_event_t::object_start:
            return tracker.enter_object();
        case Json::parse_event_t::array_start:
            return tracker.enter_array();
        case Json::parse_event_t::object_end:
        case Json::parse_event_t::array_end:
            return tracker.leave();
        case Json::parse_event_t::key:
            return tracker.key(parsed.get_ref<const std::string&>());
        case Json::parse_event_t::value:
            return tracker.value();
    }
}

}  // namespace

std::vector<std::string> duplicate_keys(std::string_view text) {
    KeyTracker tracker;
    const auto callback = [&](int, Json::parse_event_t event, Json& parsed) {
        follow(tracker, event, parsed);
        return true;
    };
    [[maybe_unused]] const Json document = Json::parse(text, callback, true, true);
    return std::move(tracker).duplicates();
}

std::string child_path(std::string_view parent, std::string_view key) {
    return parent.empty() ? std::string(key) : fmt::format("{}.{}", parent, key);
}

std::string element_path(std::string_view parent, std::size_t index) {
    return fmt::format("{}[{}]", parent, index);
}

std::string quoted_json(const Json& value) {
    if (value.is_string()) {
        return quoted_value(value.get_ref<const std::string&>());
    }
    if (value.is_object()) {
        return "{...}";
    }
    if (value.is_array()) {
        return "[...]";
    }
    return value.dump();
}

}  // namespace erawise
