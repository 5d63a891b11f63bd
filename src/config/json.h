#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace erawise {

/// Paths ("data.version", "submissions[0].model") of the keys that an object has a second time.
/// JSON libraries keep one of the two in silence. `text` must be valid JSON; comments are allowed.
std::vector<std::string> duplicate_keys(std::string_view text);

/// "a.b" for "a" and "b"; "b" for "" and "b".
std::string child_path(std::string_view parent, std::string_view key);

/// "a[3]" for "a" and 3.
std::string element_path(std::string_view parent, std::size_t index);

/// The value as a message may quote it: its JSON text, shortened.
std::string quoted_json(const nlohmann::json& value);

}  // namespace erawise
