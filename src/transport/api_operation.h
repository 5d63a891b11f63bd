#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "transport/http.h"

namespace erawise::transport {

enum class Naming : std::uint8_t { camel_case, snake_case };
enum class NeedsKey : std::uint8_t { no, yes };
enum class OperationKind : std::uint8_t { query, mutation };

/// Which command does not work without the operation; where it is none, all go on without it.
enum class NeededBy : std::uint8_t { run, diagnose, none };

/// Whether an operation is of use without a part of it. Of a field: whether its parent is.
enum class Need : std::uint8_t { essential, wanted };

struct Argument {
    std::string_view name;
    std::string_view type;        ///< of its variable, as the official Python client declares it
    Need need = Need::essential;  ///< only while it has a value: null is left out where need be
    std::string_view constant{};  ///< JSON; stands in the operation itself, without a variable
};

/// A field of the answer, in camelCase. Those of an object follow it and name it as `parent`.
struct Field {
    std::string_view name;
    Need need = Need::essential;
    std::string_view parent{};
};

/// A GraphQL operation with one root field. How it is written for a server: OperationForm.
struct ApiOperation {
    std::string_view root;  ///< in camelCase
    OperationKind kind = OperationKind::query;
    std::span<const Argument> arguments{};
    std::span<const Field> fields{};  ///< none: the answer is a plain value
    NeedsKey needs_key = NeedsKey::yes;
    Resend resend = Resend::allowed;
    NeededBy needed_by = NeededBy::run;
    std::string_view remedy = "look for a newer version of erawise";  ///< where it does not work
};

/// "submissionUploadAuth" -> "submission_upload_auth".
std::string snake_case(std::string_view camel_case);

/// The camelCase name in the spelling.
std::string spelled(std::string_view camel_case, Naming naming);

}  // namespace erawise::transport
