#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "transport/api_operation.h"
#include "transport/schema_complaint.h"

namespace erawise::transport {

/// What was done about the complaints of one reply.
struct Adaptation {
    bool changed = false;               ///< the operation is written in another way now
    std::vector<std::string> left_out;  ///< "rounds.dataDatestamp", "rounds(tournament)"
    std::string missing;                ///< what the operation cannot do without; empty: nothing
};

/// The key of the answer in "data", whatever the root field's spelling.
inline constexpr std::string_view kAnswerAlias = "answer";

/// A field that no schema has. With it a server says all that it thinks of an operation, and
/// executes nothing.
inline constexpr std::string_view kShapeProbe = "erawiseAsksForTheShapeOnly";

/// How an operation is written for the server at hand, which may know it in another form than this
/// version: complaint by complaint it finds the nearest form that the server takes.
///
/// Each part goes through a few steps, and never back, so that a server cannot keep it busy: a name
/// is tried in the other spelling (camelCase, snake_case), then left out; a variable is declared as
/// the server expects it, then its value stands in the operation itself, which fits any type of
/// text or number, once with quotes and once without.
class OperationForm {
  public:
    OperationForm(const ApiOperation& operation, Naming naming);

    /// The operation's text. `values` has the value of every argument that is no constant.
    [[nodiscard]] std::string text(const nlohmann::json& values) const;

    /// The same, but so that it is refused and nothing is executed, whatever else is wrong with it:
    /// with the field kShapeProbe, and its root skipped besides.
    [[nodiscard]] std::string probe(const nlohmann::json& values) const;

    /// The values of the declared variables, as their types want them.
    [[nodiscard]] nlohmann::json variables(const nlohmann::json& values) const;

    void adapt(const SchemaComplaint& complaint, const nlohmann::json& values, Adaptation& done);

    /// Of what a path of the answer's fields leads to, the root left out: wanted, when one of them
    /// is.
    [[nodiscard]] Need need_of(std::span<const std::string> path) const;

    [[nodiscard]] bool asks_with(std::string_view argument) const;
    [[nodiscard]] Naming naming() const { return root_.naming; }

  private:
    struct Name {
        std::string_view camel_case;
        Naming naming = Naming::camel_case;
        bool respelled = false;

        [[nodiscard]] std::string text() const { return spelled(camel_case, naming); }
        /// Takes the other spelling. False when it was tried, or is the same.
        bool respell();
    };
    enum class Writing : std::uint8_t { variable, literal, other_literal };
    struct ArgumentForm {
        const Argument* argument;
        Name name;
        std::string type;
        bool retyped = false;
        Writing writing = Writing::variable;
        bool left_out = false;
    };
    struct FieldForm {
        const Field* field;
        Name name;
        bool left_out = false;
    };

    [[nodiscard]] std::string written(const nlohmann::json& values, std::string_view root_directive,
                                      std::string_view behind_root) const;
    [[nodiscard]] std::string declarations() const;
    [[nodiscard]] std::string arguments(const nlohmann::json& values) const;
    [[nodiscard]] std::string selection(std::string_view parent) const;

    [[nodiscard]] bool names_root(std::string_view name) const;
    void respell_field(const std::string& name, Adaptation& done);
    void give_up_field(const std::string& name, Adaptation& done);
    void leave_out_field(FieldForm& form, Adaptation& done);
    void respell_argument(const std::string& name, const nlohmann::json& values, Adaptation& done);
    void retype(const SchemaComplaint& complaint, const nlohmann::json& values, Adaptation& done);
    void rewrite_value(const SchemaComplaint& complaint, const nlohmann::json& values,
                       Adaptation& done);
    void write_otherwise(ArgumentForm& form, const nlohmann::json& values, Adaptation& done);
    void leave_out_argument(ArgumentForm& form, const nlohmann::json& values, Adaptation& done);
    [[nodiscard]] bool is_left_alone(std::string_view parent) const;

    const ApiOperation& operation_;
    Name root_;
    bool has_selection_;
    std::vector<ArgumentForm> arguments_;
    std::vector<FieldForm> fields_;
};

}  // namespace erawise::transport
