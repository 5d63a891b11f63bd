#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace erawise::transport {

/// What the validation of a GraphQL server finds wrong with one part of an operation. The operation
/// was not executed.
struct SchemaComplaint {
    enum class Kind : std::uint8_t {
        unknown_field,       ///< `name` is the field's
        unknown_argument,    ///< `name` is the argument's
        unknown_type,        ///< `name` is the type's
        variable_type,       ///< the variable `name` has to be declared as `expected`
        argument_value,      ///< a value in the operation does not fit; `name` may be empty
        selection_missing,   ///< the field `name` has become an object
        selection_unwanted,  ///< the field `name` has become a plain value
    };
    Kind kind;
    std::string name;
    std::string expected{};  ///< a type, "ID!"
    std::string message{};   ///< in the server's words
};

/// Reads a message as graphql-js, graphql-core and Absinthe (which Numerai seems to use) word them;
/// the quotes may be of any kind. Empty for every other message.
///
/// Source: graphql-core, graphql/validation/rules; Absinthe, lib/absinthe/phase/document/validation
/// and lib/absinthe/phase/document/arguments/variable_types_match.ex.
std::optional<SchemaComplaint> parse_complaint(std::string_view message);

}  // namespace erawise::transport
