"""The parts of the schema that GraphQL documents make use of, found by parsing them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLSchema,
    NamedTypeNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_leaf_type,
    parse,
    visit,
)

ROOTS = ("Query", "Mutation")


@dataclass
class Parts:
    """Names as sandbox.drift takes them, and what the fields and arguments are called here."""

    fields: dict[str, str] = field(default_factory=dict)  # "Round.number": "rounds.number"
    leaves: dict[str, str] = field(default_factory=dict)  # those of the fields that have no fields
    arguments: dict[str, str] = field(default_factory=dict)  # "Query.dataset(round)": "dataset(round)"
    types: dict[str, str] = field(default_factory=dict)  # of variables: "Int"

    def of_root(self, root: str) -> list[str]:
        return [part for part in self.fields if part.partition(".")[2] == root]


def parts_of(documents: Iterable[str], schema: GraphQLSchema) -> Parts:
    """What the documents ask for; of what the schema does not know, nothing."""
    parts = Parts()
    for document in documents:
        types = TypeInfo(schema)
        visit(parse(document), TypeInfoVisitor(types, _Collector(types, parts)))
    return parts


class _Collector(Visitor):
    def __init__(self, types: TypeInfo, parts: Parts) -> None:
        super().__init__()
        self._types, self._parts = types, parts
        self._path: list[str] = []

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self._path.append(node.name.value)
        parent, given = self._types.get_parent_type(), self._types.get_type()
        if parent is None or given is None or node.name.value.startswith("__"):
            return
        part = f"{parent.name}.{node.name.value}"
        self._parts.fields.setdefault(part, ".".join(self._path))
        if is_leaf_type(get_named_type(given)):
            self._parts.leaves.setdefault(part, ".".join(self._path))

    def leave_field(self, *_: object) -> None:
        self._path.pop()

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        parent = self._types.get_parent_type()
        of_field = self._types.get_directive() is None and self._types.get_argument() is not None
        if parent is not None and of_field:
            name = f"{self._path[-1]}({node.name.value})"
            if parent.name in ROOTS:
                self._parts.arguments[f"{parent.name}.{name}"] = name

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
        self._parts.types[node.name.value] = node.name.value
