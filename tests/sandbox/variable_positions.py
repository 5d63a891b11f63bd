"""Which declared variable types fit which arguments.

The introspected schema types model and trigger ids as `ID`, and clients written from it declare
`$modelId: ID`. The Python client declares `$modelId: String` (and the official command line
`String!`) for the same arguments, every day and with success. One SDL type cannot satisfy both,
so here `String` and `ID` may stand for each other in a variable's declaration. Everything else,
nullability among it, is checked as the GraphQL specification says.
"""

from typing import cast

from graphql import (
    GraphQLError,
    GraphQLID,
    GraphQLList,
    GraphQLNonNull,
    GraphQLNullableType,
    GraphQLString,
    GraphQLType,
    NullValueNode,
    OperationDefinitionNode,
    Undefined,
    VariableDefinitionNode,
    VariablesInAllowedPositionRule,
    get_named_type,
    is_type_sub_type_of,
    type_from_ast,
)

INTERCHANGEABLE = (GraphQLString, GraphQLID)


def _as_string(type_: GraphQLType) -> GraphQLType:
    """The same type with String in the place of ID."""
    if isinstance(type_, GraphQLNonNull):
        return GraphQLNonNull(cast(GraphQLNullableType, _as_string(type_.of_type)))
    if isinstance(type_, GraphQLList):
        return GraphQLList(_as_string(type_.of_type))
    return GraphQLString if get_named_type(type_) in INTERCHANGEABLE else type_


class TolerantVariablePositions(VariablesInAllowedPositionRule):
    """The standard rule, but for the two spellings of an identifier's type."""

    def leave_operation_definition(
        self, operation: OperationDefinitionNode, *_args: object
    ) -> None:
        for usage in self.context.get_recursive_variable_usages(operation):
            definition = self.var_def_map.get(usage.node.name.value)
            if definition is None or usage.type is None:
                continue
            declared = type_from_ast(self.context.schema, definition.type)
            if declared is None:
                continue
            if not self._fits(definition, declared, usage.type, usage.default_value):
                message = (
                    f"Variable '${usage.node.name.value}' of type '{declared}' used"
                    f" in position expecting type '{usage.type}'."
                )
                self.report_error(GraphQLError(message, [definition, usage.node]))

    def _fits(
        self,
        definition: VariableDefinitionNode,
        declared: GraphQLType,
        expected: GraphQLType,
        expected_default: object,
    ) -> bool:
        default = definition.default_value
        has_default = default is not None and not isinstance(default, NullValueNode)
        if isinstance(expected, GraphQLNonNull) and (
            has_default or expected_default is not Undefined
        ):
            expected = expected.of_type
        return is_type_sub_type_of(self.context.schema, _as_string(declared), _as_string(expected))
