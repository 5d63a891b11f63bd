"""The schema, the types of variables, keys, scopes, and errors below GraphQL."""

import contextlib
import json
from collections.abc import Callable, Iterator

import pytest

from sandbox import Sandbox
from sandbox.account import INVALID_SESSION, Account, Model
from sandbox.tests.conftest import LIVE_IDS, Client

ONE = Model.parse("one=11111111-1111-4111-8111-111111111111")
TWO = Model.parse("two")


@pytest.fixture
def client_of(datasets) -> Iterator[Callable[..., Client]]:
    """Starts a sandbox with an account as given and returns its client."""
    with contextlib.ExitStack() as stack:

        def start(**account) -> Client:
            made = Account(**{"models": (ONE,), **account})
            client = Client(stack.enter_context(Sandbox(datasets, LIVE_IDS, account=made)))
            stack.callback(client.connection.close)
            return client

        yield start


def test_unknown_field_is_an_error(client):
    assert "Cannot query field 'wrong'" in client.error("{ rounds { wrong } }")


def test_syntax_error_is_an_error_list(client):
    assert "Syntax Error" in client.error("{ rounds {")


@pytest.mark.parametrize("field", ["submissionUploadAuth", "submission_upload_auth"])
@pytest.mark.parametrize("declared", ["ID", "String", "ID!", "String!"])
def test_model_id_may_be_declared_as_any_client_does(client, field, declared):
    model = client.sandbox.account.models[0].id
    query = f"""query ($f: String!, $t: Int!, $m: {declared}) {{
        {field}(filename: $f, tournament: $t, modelId: $m) {{ filename url }} }}"""
    reply = client.query(query, {"f": "p.csv", "t": 8, "m": model})
    assert reply["data"][field]["url"].startswith(client.sandbox.url)


def test_model_id_may_be_a_literal(client):
    model = client.sandbox.account.models[0]
    reply = client.query(f'{{ model(modelId: "{model.id}") {{ name tournament }} }}')
    assert reply == {"data": {"model": {"name": "example_model", "tournament": 8}}}


@pytest.mark.parametrize(
    ("declared", "expected"), [("String", "String!"), ("ID", "String!"), ("Int!", "String!")]
)
def test_other_variable_types_are_checked(client, declared, expected):
    query = f"query ($f: {declared}) {{ dataset(filename: $f) }}"
    message = f"Variable '$f' of type '{declared}' used in position expecting type '{expected}'."
    assert client.error(query) == message


def test_a_default_makes_a_nullable_variable_fit(client):
    reply = client.query('query ($f: String = "v5.3/live.parquet") { dataset(filename: $f) }')
    assert "errors" not in reply


def test_an_alias_is_the_key_of_the_data(client):
    assert client.query("{ all: listDatasets }") == {"data": {"all": ["v5.3/live.parquet"]}}


def test_account_lists_the_models(client_of):
    client = client_of(models=(ONE, TWO))
    account = client.query("{ account { username models { id name tournament } } }")
    models = account["data"]["account"]["models"]
    assert models[0] == {"id": ONE.id, "name": "one", "tournament": 8}
    assert [m["name"] for m in models] == ["one", "two"]


@pytest.mark.parametrize(
    "key",
    [None, "Token wrong$key", "Token SANDBOXPUBLICID$wrong", "SANDBOXPUBLICID$SANDBOXSECRETKEY"],
)
@pytest.mark.parametrize(
    "query",
    [
        "{ account { id } }",
        "{ apiTokenInfo { name } }",
        "{ model { id } }",
        "{ submissions { id } }",
        '{ submissionUploadAuth(filename: "p", tournament: 8) { url } }',
        'mutation { createSubmission(filename: "p", tournament: 8) { id } }',
    ],
)
def test_a_missing_or_wrong_key_is_an_invalid_session(client, query, key):
    assert client.error(query, key=key) == INVALID_SESSION


def test_rounds_and_datasets_need_no_key(client):
    reply = client.query(
        '{ rounds { number } listDatasets dataset(filename: "v5.3/live.parquet") }', key=None
    )
    assert "errors" not in reply


@pytest.mark.parametrize(
    ("query", "scope"),
    [
        ("{ account { id } }", "read_user_info"),
        ("{ model { id } }", "read_user_info"),
        ("{ submissions { id } }", "read_submission_info"),
        ('{ submissionUploadAuth(filename: "p", tournament: 8) { url } }', "upload_submission"),
        ('mutation { create_submission(filename: "p", tournament: 8) {id} }', "upload_submission"),
    ],
)
def test_a_missing_scope_is_named(client_of, query, scope):
    client = client_of(scopes=("stake",))
    assert client.error(query) == f"Insufficient permission for {scope}"


def test_the_key_probe_needs_no_scope(client_of):
    client = client_of(scopes=("stake",))
    reply = client.query("{ apiTokenInfo { publicId scopes } }")
    assert reply["data"]["apiTokenInfo"] == {"publicId": "SANDBOXPUBLICID", "scopes": ["stake"]}


def test_without_model_id_an_account_with_several_models_is_refused(client_of):
    client = client_of(models=(ONE, TWO))
    query = "query ($m: ID) { submissions(modelId: $m) { id } }"
    assert client.error(query) == INVALID_SESSION
    assert client.query(query, {"m": TWO.id}) == {"data": {"submissions": []}}


def test_an_unknown_model_is_refused(client):
    assert client.error('{ submissions(modelId: "none") { id } }') == "Model not found"


@pytest.mark.parametrize(
    "query",
    [
        "{ rounds(tournament: 1) { id } }",
        "{ listDatasets(tournament: 1) }",
        '{ dataset(filename: "v5.3/live.parquet", tournament: 1) }',
        '{ submissionUploadAuth(filename: "p", tournament: 1) { url } }',
        'mutation { createSubmission(filename: "p", tournament: 1) { id } }',
    ],
)
def test_another_tournament_is_refused(client, query):
    assert client.error(query) == "invalid tournament"


@pytest.mark.parametrize(
    ("method", "target", "body", "content_type", "status"),
    [
        ("POST", "/", "no json", "application/json", 400),
        ("POST", "/", "[]", "application/json", 400),
        ("POST", "/", '{"query": 1}', "application/json", 400),
        ("POST", "/", "{}", "text/plain", 415),
        ("POST", "/", "x" * (1 << 20) + "x", "application/json", 413),
        ("GET", "/", None, "application/json", 404),
        ("POST", "/elsewhere", "{}", "application/json", 404),
    ],
)
def test_http_errors_are_a_dictionary_with_a_detail(
    client, method, target, body, content_type, status
):
    reply = client.send(method, target, body, {"Content-Type": content_type})
    assert reply.status == status
    assert isinstance(reply.json["errors"]["detail"], str)


def test_one_connection_serves_many_requests(client):
    client.query("{ listDatasets }")
    socket = client.connection.sock
    client.query("{ listDatasets }")
    assert client.connection.sock is socket


def test_the_log_has_operation_and_fields_but_no_secret(client):
    client.query("query Upload { a: account { id } listDatasets }")
    client.query("{ listDatasets }", key=None)
    first, second = client.admin("GET", "state").json["requests"]
    assert (first["operation"], first["fields"]) == ("Upload", ["account", "listDatasets"])
    assert (first["authorization"], second["authorization"]) == (True, False)
    assert first["status"] == 200 and first["requestBytes"] > 0 and first["responseBytes"] > 0
    assert client.sandbox.account.secret_key not in json.dumps(client.sandbox.state())
    assert client.sandbox.account.secret_key not in repr(client.sandbox.account)


def test_a_failure_of_the_sandbox_itself_is_an_internal_error(datasets, tmp_path, caplog):
    empty = tmp_path / "ids.csv"
    empty.write_text("id\n")
    with Sandbox(datasets, empty) as sandbox:
        client = Client(sandbox)
        reply = client.submit()
        client.connection.close()
    assert reply["errors"][0]["message"] == "Internal server error"
    assert "no live ids" in caplog.text
