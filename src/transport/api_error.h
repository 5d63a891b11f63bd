#pragma once

#include <string>
#include <string_view>

namespace erawise::transport {

/// What an error message of Numerai's API means for us. The API gives no codes, only texts; the
/// ones known are those that users reported.
enum class ApiErrorKind {
    not_open,   ///< "Current round not open for submissions": between rounds
    schema,     ///< the operation has another form than the server's schema: see OperationForm
    transient,  ///< worth another try: internal error, a data release that is not complete
    key,        ///< key pair or its scopes
    refused     ///< everything else: Numerai will not do this
};

ApiErrorKind classify_api_error(std::string_view message);

/// What the user can do about an error of kind `key`; names the scope when the message does.
std::string key_remedy(std::string_view message);

/// A text from a server as our messages may show it: one line, no control characters, no queries of
/// URLs, at most 400 bytes.
std::string printable(std::string_view text);

}  // namespace erawise::transport
