#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace erawise::transport {

/// Reading an answer tolerantly: a field may be missing or null, and may have turned from a whole
/// number into its text or back. Of what is no object every field is missing.

/// A field that is there and not null; else nullptr.
const nlohmann::json* find_field(const nlohmann::json& object, std::string_view key);

/// A field as text: "" when it is missing, JSON when it is no text.
std::string text_of(const nlohmann::json& object, std::string_view key);

std::optional<int> integer_of(const nlohmann::json& object, std::string_view key);
std::optional<double> number_of(const nlohmann::json& object, std::string_view key);

}  // namespace erawise::transport
