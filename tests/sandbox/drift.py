"""The schema as it may become one day: parts gone, renamed, of other types, or null.

Parts are named `Round.dataDatestamp` (a field), `Mutation.createSubmission(triggerId)` (an
argument) and `ID` (a type).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InputValueDefinitionNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    TypeNode,
    Visitor,
    build_ast_schema,
    parse,
    parse_type,
    print_ast,
    visit,
)

UNKNOWN = "Opaque"  # takes the place of a type that is gone
ROOTS = ("Query", "Mutation")

# graphql-core's wording, and Absinthe's for the same.
ABSINTHE = (
    (r"Cannot query field '(\w+)' on type '(\w+)'\.", r'Cannot query field "\1" on type "\2".'),
    (r"Unknown argument '(\w+)' on field '(\w+)\.(\w+)'\.",
     r'Unknown argument "\1" on field "\3" of type "Root\2Type".'),
    (r"Unknown type '(\w+)'\.", r'Unknown type "\1".'),
    (r"Variable '(\$\w+)' of type '([^']+)' used in position expecting type '([^']+)'\.",
     r"Variable `\1` of type `\2` found as input to argument of type `\3`."),
    (r"Field '\w+' argument '(\w+)' of type '([^']+)' is required, but it was not provided\.",
     r'In argument "\1": Expected type "\2", found null.'),
)


@dataclass(frozen=True)
class Drift:
    """How the schema differs. `wording` is that of graphql-core or of Absinthe."""

    without: Sequence[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    retyped: Mapping[str, str] = field(default_factory=dict)
    nulls: Sequence[str] = ()
    wording: str = "graphql-core"
    # Whether String and ID are two types for a variable, as the specification has it.
    strict: bool = True
    # Errors that a reply tells at most; 0: all.
    errors_told: int = 0

    def __post_init__(self) -> None:
        if self.wording not in ("graphql-core", "absinthe"):
            raise ValueError("'wording' is graphql-core or absinthe")

    def schema(self, text: str) -> GraphQLSchema:
        """The drifted schema of the SDL text; ValueError names a part that it does not have."""
        document = parse(text)
        change = _Change(self)
        drifted = visit(document, change)
        missing = {*self.without, *self.renamed, *self.retyped, *self.nulls} - change.met
        if missing:
            raise ValueError(f"the schema has no {', '.join(sorted(missing))}")
        if UNKNOWN in print_ast(drifted):
            drifted = DocumentNode(definitions=[
                *drifted.definitions, *parse(f"scalar {UNKNOWN}").definitions])
        return build_ast_schema(drifted, assume_valid=True)

    def adjust(self, schema: GraphQLSchema, original: GraphQLSchema) -> None:
        """Lets the bound resolvers of a drifted schema take and give what they always did."""
        for root in ROOTS:
            for name, given in schema.get_type(root).fields.items():  # type: ignore[union-attr]
                known = original.get_type(root).fields[name]  # type: ignore[union-attr]
                given.resolve = self._adjusted(f"{root}.{name}", given.resolve, known.args)
        for part in self.nulls:
            type_, _, name = part.partition(".")
            if type_ not in ROOTS:
                schema.get_type(type_).fields[name].resolve = _nothing  # type: ignore[union-attr]

    def _adjusted(self, part: str, resolve: Callable[..., object],
                  arguments: Mapping[str, Any]) -> Callable[..., object]:
        former = {new: re.search(r"\((\w+)\)", old)[1]  # type: ignore[index]
                  for old, new in self.renamed.items() if old.startswith(f"{part}(")}

        def adjusted(root: object, info: object, **given: object) -> object:
            values = {former.get(name, name): value for name, value in given.items()}
            for name, argument in arguments.items():
                kind = str(argument.type).strip("!")
                if values.get(name) is not None:
                    values[name] = (int if kind == "Int" else str)(values[name])  # type: ignore[call-overload]
                elif str(argument.type).endswith("!"):
                    values[name] = 8 if kind == "Int" else "unnamed.csv"
            answer = resolve(root, info, **values)
            return None if part in self.nulls else answer

        return adjusted

    def worded(self, errors: list[GraphQLError]) -> list[dict[str, Any]]:
        """The errors of validation as the client sees them."""
        told = errors[: self.errors_told] if self.errors_told else errors
        formatted = [dict(error.formatted) for error in told]
        if self.wording == "absinthe":
            for error in formatted:
                for pattern, replacement in ABSINTHE:
                    error["message"] = re.sub(pattern, replacement, str(error["message"]))
        return formatted


def _nothing(_root: object, _info: object) -> None:
    return None


class _Change(Visitor):
    """Edits the definitions; notes which parts it met."""

    def __init__(self, drift: Drift) -> None:
        super().__init__()
        self._drift = drift
        self._type = self._field = ""
        self.met: set[str] = set()

    def enter_object_type_definition(self, node: ObjectTypeDefinitionNode, *_: object) -> None:
        self._type = node.name.value

    def enter_field_definition(self, node: FieldDefinitionNode, *_: object) -> object:
        self._field = node.name.value
        return self._edited(node, f"{self._type}.{self._field}")

    def enter_input_value_definition(self, node: InputValueDefinitionNode, *_: object) -> object:
        return self._edited(node, f"{self._type}.{self._field}({node.name.value})")

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> object:
        name = node.name.value
        self.met.add(name)
        return NamedTypeNode(name=NameNode(value=UNKNOWN)) if name in self._drift.without else None

    def _edited(self, node: Any, part: str) -> object:
        self.met.add(part)
        if part in self._drift.without:
            return REMOVE
        new_type = self._drift.retyped.get(part)
        if part not in self._drift.renamed and new_type is None:
            return None
        edited = node.__class__(**{key: getattr(node, key) for key in node.keys})
        edited.name = NameNode(value=self._drift.renamed.get(part, node.name.value))
        edited.type = _type_of(new_type) if new_type else node.type
        return edited


def _type_of(text: str) -> TypeNode:
    return parse_type(text)
