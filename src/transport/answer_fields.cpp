#include "transport/answer_fields.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "transport/number.h"

namespace erawise::transport {

using nlohmann::json;

const json* find_field(const json& object, std::string_view key) {
    if (!object.is_object()) {
        return nullptr;
    }
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const json& object, std::string_view key) {
    const json* const field = find_field(object, key);
    if (field == nullptr) {
        return {};
    }
    return field->is_string() ? field->get<std::string>()
                              : field->dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<int> integer_of(const json& object, std::string_view key) {
    const auto number = number_of(object, key);
    constexpr double limit = std::numeric_limits<int>::max();
    const bool whole = number && *number >= -limit && *number <= limit &&
                       static_cast<double>(static_cast<int>(*number)) == *number;
    return whole ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

std::optional<double> number_of(const json& object, std::string_view key) {
    const json* const field = find_field(object, key);
    if (field == nullptr) {
        return std::nullopt;
    }
    if (field->is_number()) {
        return field->get<double>();
    }
    const auto number = field->is_string()
                            ? parse_number<double>(field->get_ref<const std::string&>())
                            : std::nullopt;
    return number && std::isfinite(*number) ? number : std::nullopt;
}

}  // namespace erawise::transport
