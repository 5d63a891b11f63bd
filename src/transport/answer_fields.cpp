#include "transport/answer_fields.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "util/number.h"

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
    const json* const field = find_field(object, key);
    if (field != nullptr && field->is_string()) {
        return util::parse_number<int>(field->get_ref<const std::string&>());
    }
    const double number = number_of(object, key).value_or(0.5);
    constexpr double limit = std::numeric_limits<int>::max();
    const bool fits = number >= -limit && number <= limit;
    const int whole = fits ? static_cast<int>(number) : 0;
    return fits && whole == number ? std::optional(whole) : std::nullopt;
}

std::optional<double> number_of(const json& object, std::string_view key) {
    const json* const field = find_field(object, key);
    return field != nullptr && field->is_number() ? std::optional(field->get<double>())
                                                  : std::nullopt;
}

}  // namespace erawise::transport
