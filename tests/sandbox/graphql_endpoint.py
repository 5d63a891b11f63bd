"""GraphQL over HTTP: one POST, one JSON reply."""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    VariablesInAllowedPositionRule,
    build_schema,
    execute_sync,
    parse,
    specified_rules,
    validate,
)

from sandbox.drift import Drift
from sandbox.messages import Request, Response, detail_response, json_response
from sandbox.refusal import Refusal
from sandbox.variable_positions import TolerantVariablePositions

SCHEMA_FILE = Path(__file__).with_name("schema.graphql")
MAX_BODY_BYTES = 1 << 20  # queries of clients are below 10 kB
RULES = [
    TolerantVariablePositions if rule is VariablesInAllowedPositionRule else rule
    for rule in specified_rules
]


def schema_text() -> str:
    return SCHEMA_FILE.read_text(encoding="utf-8")


def load_schema() -> GraphQLSchema:
    return build_schema(schema_text())


@dataclass
class GraphqlCall:
    """A parsed request, as far as it could be parsed; `problem` is the reply to a bad one."""

    document: DocumentNode | None = None
    variables: dict[str, object] | None = None
    operation_name: str | None = None
    # Root fields as (alias or name, name), in the order of the document.
    fields: list[tuple[str, str]] = field(default_factory=list)
    problem: Response | None = None
    query: str = ""

    @property
    def field_names(self) -> list[str]:
        return [name for _, name in self.fields]


def read_call(request: Request) -> GraphqlCall:
    """Reads the body of a request to the API."""
    if request.body.length is None:
        return GraphqlCall(problem=detail_response(411, "Length Required"))
    if request.body.length > MAX_BODY_BYTES:
        return GraphqlCall(problem=detail_response(413, "Request Entity Too Large"))
    if request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        return GraphqlCall(problem=detail_response(415, "Unsupported Media Type"))
    try:
        body = json.loads(b"".join(request.body.chunks()))
        query, variables = body["query"], body.get("variables") or {}
        name = body.get("operationName")
    except (ValueError, KeyError, TypeError, AttributeError):
        return GraphqlCall(problem=detail_response(400, "Bad Request"))
    if not isinstance(query, str) or not isinstance(variables, dict):
        return GraphqlCall(problem=detail_response(400, "Bad Request"))
    return _parse(query, variables, name)


def _parse(query: str, variables: dict[str, object], name: str | None) -> GraphqlCall:
    try:
        document = parse(query)
    except GraphQLError as error:
        return GraphqlCall(problem=json_response({"errors": [error.formatted]}))
    call = GraphqlCall(document, variables, name, query=query)
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        if name is None and definition.name:
            call.operation_name = definition.name.value
        for node in definition.selection_set.selections:
            if isinstance(node, FieldNode):
                alias = node.alias.value if node.alias else node.name.value
                call.fields.append((alias, node.name.value))
    return call


def execute(
    schema: GraphQLSchema, call: GraphqlCall, context: object, drift: Drift | None = None
) -> Response:
    """Type-checks and runs a call; `context` reaches the resolvers as `info.context`."""
    if call.problem is not None:
        return call.problem
    assert call.document is not None
    errors = validate(schema, call.document, specified_rules if drift and drift.strict else RULES)
    if errors:
        told = drift.worded(errors) if drift else [e.formatted for e in errors]
        return json_response({"errors": told})
    result = execute_sync(
        schema,
        call.document,
        variable_values=call.variables,
        operation_name=call.operation_name,
        context_value=context,
    )
    assert isinstance(result, ExecutionResult)
    reply: dict[str, object] = {"data": result.data}
    if result.errors:
        reply["errors"] = [_formatted(e) for e in result.errors]
    return json_response(reply)


def _formatted(error: GraphQLError) -> dict[str, object]:
    """An error as the client sees it; what went wrong in the sandbox itself stays here."""
    formatted = dict(error.formatted)
    original = error.original_error
    if original is not None and not isinstance(original, (Refusal, GraphQLError)):
        logging.error("sandbox: resolver failed", exc_info=original)
        formatted["message"] = "Internal server error"
    return formatted
