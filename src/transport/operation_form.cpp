#include "transport/operation_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "util/number.h"

namespace erawise::transport {
namespace {

using nlohmann::json;
using Kind = SchemaComplaint::Kind;

std::string dumped(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// "[ID!]!" -> "ID".
std::string_view base_type(std::string_view type) {
    const auto begin = type.find_first_not_of('[');
    const auto end = type.find_last_not_of("!]");
    return begin == std::string_view::npos || end == std::string_view::npos
               ? std::string_view()
               : type.substr(begin, end - begin + 1);
}

/// A text with a whole number in it as that number; everything else as it is.
json as_number(const json& value) {
    const auto number = value.is_string()
                            ? util::parse_number<std::int64_t>(value.get_ref<const std::string&>())
                            : std::nullopt;
    return number ? json(*number) : value;
}

json as_text(const json& value) {
    return value.is_number() ? json(dumped(value)) : value;
}

bool is_number_type(std::string_view type) {
    return base_type(type) == "Int" || base_type(type) == "Float";
}

/// The value as a variable of that type takes it. A type that is not known is some scalar of the
/// server's own, which takes what it took under its former name.
json as_type(const json& value, std::string_view type) {
    if (is_number_type(type)) {
        return as_number(value);
    }
    return base_type(type) == "String" || base_type(type) == "ID" ? as_text(value) : value;
}

bool fits(const json& value, std::string_view type) {
    if (value.is_null()) {
        return !type.ends_with('!');
    }
    return !is_number_type(type) || as_type(value, type).is_number();
}

/// The value with quotes where it had none, and the other way round.
json otherwise(const json& value) {
    return value.is_string() ? as_number(value) : as_text(value);
}

/// Whether a message is about this literal: "Int cannot represent non-integer value: "x"".
bool names_literal(std::string_view message, const std::string& literal) {
    const auto at = message.find(" " + literal);
    const std::string_view behind =
        at == std::string_view::npos ? "x" : message.substr(at + 1 + literal.size());
    return behind.empty() || behind.find_first_of(".;, \n") == 0;
}

json value_of(const Argument& argument, const json& values) {
    return argument.constant.empty() ? values.value(std::string(argument.name), json())
                                     : json::parse(argument.constant);
}

}  // namespace

bool OperationForm::Name::respell() {
    const Naming other = naming == Naming::camel_case ? Naming::snake_case : Naming::camel_case;
    if (std::exchange(respelled, true) || spelled(camel_case, other) == text()) {
        return false;
    }
    naming = other;
    return true;
}

OperationForm::OperationForm(const ApiOperation& operation, Naming naming)
    : operation_(operation),
      root_{.camel_case = operation.root, .naming = naming},
      has_selection_(!operation.fields.empty()) {
    for (const Argument& argument : operation.arguments) {
        arguments_.push_back(
            {.argument = &argument,
             .name = {.camel_case = argument.name},
             .type = std::string(argument.type),
             .writing = argument.constant.empty() ? Writing::variable : Writing::literal});
    }
    for (const Field& field : operation.fields) {
        fields_.push_back({.field = &field, .name = {.camel_case = field.name}});
    }
}

std::string OperationForm::text(const json& values) const {
    return written(values, "", "");
}

std::string OperationForm::probe(const json& values) const {
    return written(values, " @skip(if: true)", fmt::format(" {}", kShapeProbe));
}

std::string OperationForm::written(const json& values, std::string_view root_directive,
                                   std::string_view behind_root) const {
    return fmt::format("{}{} {{ {}: {}{}{}{}{} }}",
                       operation_.kind == OperationKind::query ? "query" : "mutation",
                       declarations(), kAnswerAlias, root_.text(), arguments(values),
                       root_directive, has_selection_ ? selection("") : "", behind_root);
}

std::string OperationForm::declarations() const {
    std::string text;
    for (const ArgumentForm& form : arguments_) {
        if (!form.left_out && form.writing == Writing::variable) {
            text +=
                fmt::format("{}${}: {}", text.empty() ? " (" : " ", form.argument->name, form.type);
        }
    }
    return text.empty() ? text : text + ")";
}

std::string OperationForm::arguments(const json& values) const {
    std::string text;
    const auto add = [&](const ArgumentForm& form, std::string_view value) {
        text += fmt::format("{}{}: {}", text.empty() ? "(" : " ", form.name.text(), value);
    };
    for (const ArgumentForm& form : arguments_) {
        const json value = value_of(*form.argument, values);
        if (form.left_out || (form.writing != Writing::variable && value.is_null())) {
            continue;
        }
        if (form.writing == Writing::variable) {
            add(form, fmt::format("${}", form.argument->name));
        } else {
            add(form, dumped(form.writing == Writing::literal ? value : otherwise(value)));
        }
    }
    return text.empty() ? text : text + ")";
}

std::string OperationForm::selection(std::string_view parent) const {
    std::string text;
    for (const FieldForm& form : fields_) {
        if (form.left_out || form.field->parent != parent) {
            continue;
        }
        const std::string name = form.name.text();
        text += " ";
        text += name == form.field->name ? name : fmt::format("{}: {}", form.field->name, name);
        if (!is_left_alone(form.field->name)) {
            text += selection(form.field->name);
        }
    }
    return fmt::format(" {{{} }}", text.empty() ? " __typename" : text);
}

/// Whether no field that is asked for has this parent.
bool OperationForm::is_left_alone(std::string_view parent) const {
    return std::ranges::none_of(fields_, [&](const FieldForm& form) {
        return form.field->parent == parent && !form.left_out;
    });
}

json OperationForm::variables(const json& values) const {
    json variables = json::object();
    for (const ArgumentForm& form : arguments_) {
        if (!form.left_out && form.writing == Writing::variable) {
            const json value = value_of(*form.argument, values);
            variables[std::string(form.argument->name)] = as_type(value, form.type);
        }
    }
    return variables;
}

void OperationForm::adapt(const SchemaComplaint& complaint, const json& values, Adaptation& done) {
    switch (complaint.kind) {
        case Kind::unknown_field:
            return respell_field(complaint.name, done);
        case Kind::selection_missing:
        case Kind::selection_unwanted:
            return give_up_field(complaint.name, done);
        case Kind::unknown_argument:
            return respell_argument(complaint.name, values, done);
        case Kind::variable_type:
        case Kind::unknown_type:
            return retype(complaint, values, done);
        case Kind::argument_value:
            return rewrite_value(complaint, values, done);
    }
}

/// In either spelling: a server may speak of the one that it translates to.
bool OperationForm::names_root(std::string_view name) const {
    return name == operation_.root || name == snake_case(operation_.root);
}

/// A server that names no place means every field of the name.
void OperationForm::respell_field(const std::string& name, Adaptation& done) {
    if (names_root(name)) {
        return root_.respell() ? void(done.changed = true) : void(done.missing = operation_.root);
    }
    for (FieldForm& form : fields_) {
        if (form.left_out || form.name.text() != name) {
            continue;
        }
        if (form.name.respell()) {
            done.changed = true;
        } else {
            leave_out_field(form, done);
        }
    }
}

/// A field whose value is none that this version reads. Of the root only one that has become a
/// plain value is of use: the id of what was made.
void OperationForm::give_up_field(const std::string& name, Adaptation& done) {
    if (names_root(name)) {
        const bool can_be_an_id = operation_.kind == OperationKind::mutation;
        const bool had_selection = std::exchange(has_selection_, false);
        return can_be_an_id && had_selection ? void(done.changed = true)
                                             : void(done.missing = operation_.root);
    }
    for (FieldForm& form : fields_) {
        if (!form.left_out && form.name.text() == name) {
            leave_out_field(form, done);
        }
    }
}

void OperationForm::leave_out_field(FieldForm& form, Adaptation& done) {
    const Field& field = *form.field;
    const auto parent = std::ranges::find_if(
        fields_, [&](const FieldForm& each) { return each.field->name == field.parent; });
    const std::string path =
        parent == fields_.end()
            ? fmt::format("{}.{}", operation_.root, field.name)
            : fmt::format("{}.{}.{}", operation_.root, field.parent, field.name);
    form.left_out = true;
    done.changed = true;
    const bool is_needed = field.need == Need::essential;
    if (parent == fields_.end()) {
        (is_needed ? done.missing : done.left_out.emplace_back()) = path;
        return;
    }
    if (is_needed && parent->field->need == Need::essential) {
        done.missing = path;
        return;
    }
    done.left_out.push_back(path);
    parent->left_out = parent->left_out || is_needed || is_left_alone(field.parent);
    if (is_needed) {
        for (FieldForm& each : fields_) {
            each.left_out = each.left_out || each.field->parent == field.parent;
        }
    }
}

void OperationForm::respell_argument(const std::string& name, const json& values,
                                     Adaptation& done) {
    for (ArgumentForm& form : arguments_) {
        if (form.left_out || form.name.text() != name) {
            continue;
        }
        if (form.name.respell()) {
            done.changed = true;
        } else {
            leave_out_argument(form, values, done);
        }
    }
}

/// The server expects another type of a variable, or does not know the declared one.
void OperationForm::retype(const SchemaComplaint& complaint, const json& values, Adaptation& done) {
    for (ArgumentForm& form : arguments_) {
        const bool is_meant = complaint.kind == Kind::unknown_type
                                  ? base_type(form.type) == complaint.name
                                  : form.argument->name == complaint.name;
        if (form.left_out || form.writing != Writing::variable || !is_meant) {
            continue;
        }
        const bool can_declare = !complaint.expected.empty() && !std::exchange(form.retyped, true);
        if (!can_declare) {
            write_otherwise(form, values, done);
        } else if (fits(value_of(*form.argument, values), complaint.expected)) {
            form.type = complaint.expected;
            done.changed = true;
        } else {
            leave_out_argument(form, values, done);
        }
    }
}

void OperationForm::rewrite_value(const SchemaComplaint& complaint, const json& values,
                                  Adaptation& done) {
    for (ArgumentForm& form : arguments_) {
        const json value = value_of(*form.argument, values);
        const bool is_meant =
            complaint.name.empty()
                ? form.writing != Writing::variable &&
                      names_literal(
                          complaint.message,
                          dumped(form.writing == Writing::literal ? value : otherwise(value)))
                : form.name.text() == complaint.name;
        if (!form.left_out && is_meant) {
            write_otherwise(form, values, done);
        }
    }
}

void OperationForm::write_otherwise(ArgumentForm& form, const json& values, Adaptation& done) {
    const json value = value_of(*form.argument, values);
    if (form.writing == Writing::variable) {
        form.writing = Writing::literal;
    } else if (form.writing == Writing::literal && otherwise(value) != value) {
        form.writing = Writing::other_literal;
    } else {
        return leave_out_argument(form, values, done);
    }
    done.changed = true;
}

void OperationForm::leave_out_argument(ArgumentForm& form, const json& values, Adaptation& done) {
    const std::string name = fmt::format("{}({})", operation_.root, form.argument->name);
    const bool is_needed =
        form.argument->need == Need::essential && !value_of(*form.argument, values).is_null();
    (is_needed ? done.missing : done.left_out.emplace_back()) = name;
    form.left_out = true;
    done.changed = true;
}

Need OperationForm::need_of(std::span<const std::string> path) const {
    std::string_view parent;
    for (const std::string& name : path) {
        const auto found = std::ranges::find_if(fields_, [&](const FieldForm& form) {
            return form.field->parent == parent && form.field->name == name;
        });
        if (found == fields_.end()) {
            return Need::essential;
        }
        if (found->field->need == Need::wanted) {
            return Need::wanted;
        }
        parent = name;
    }
    return Need::essential;
}

bool OperationForm::asks_with(std::string_view argument) const {
    return std::ranges::any_of(arguments_, [&](const ArgumentForm& form) {
        return form.argument->name == argument && !form.left_out;
    });
}

}  // namespace erawise::transport
