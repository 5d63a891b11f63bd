#pragma once

#include <string_view>

namespace erawise {

/// Why a text is no half of a key pair, as the rest of a sentence with the remedy: "has quotes
/// around it: ...". Empty when it may be one. Never holds any of the text.
std::string_view key_fault(std::string_view text);

/// The same for the value of any other variable: quotes around it, and line ends of Windows.
std::string_view value_fault(std::string_view text);

}  // namespace erawise
