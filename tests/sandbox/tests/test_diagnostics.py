"""Diagnostics: from the upload to the numbers."""

import hashlib

import pytest

from sandbox import Sandbox
from sandbox import submission_rules as rules
from sandbox.account import Account, Model
from sandbox.diagnostics import FIRST_ERA, NO_ERAS, ROWS_PER_ERA
from sandbox.tests.conftest import GOOD_FILE, LIVE_IDS, Client

AUTH = """query ($f: String!) { diagnosticsUploadAuth(filename: $f, tournament: 8) { filename url } }"""
CREATE = "mutation ($f: String!) { createDiagnostics(filename: $f, tournament: 8) { id status } }"
READ = """query ($id: String, $m: String) { diagnostics(id: $id, modelId: $m) { id filename status
    message erasAcceptedCount trainedOnVal validationCorrMean validationCorrStd validationCorrSharpe
    validationMaxDrawdown validationMmcMean validationBmcMean validationCorrV4Sharpe
    perEraDiagnostics { era validationCorr validationMmc validationBmc validationChurn } } }"""


def validation_file(rows: int) -> bytes:
    lines = [f"v{n:05d},{(n * 7919 % rows + 0.5) / rows}" for n in range(rows)]
    return "\n".join(["id,prediction", *lines, ""]).encode()


def create(client, content: bytes):
    auth = client.query(AUTH, {"f": "v.csv"})["data"]["diagnosticsUploadAuth"]
    assert client.send("PUT", auth["url"], content).status == 200
    return client.query(CREATE, {"f": auth["filename"]})


def created(client, content: bytes) -> dict:
    return create(client, content)["data"]["createDiagnostics"]


def look(client, id_: str | None = None, model: str | None = None) -> list[dict]:
    return client.query(READ, {"id": id_, "m": model})["data"]["diagnostics"]


def test_a_run_is_pending_and_then_has_its_numbers(client):
    content = validation_file(3 * ROWS_PER_ERA)
    run = created(client, content)
    assert run["status"] == "pending"
    [first] = look(client, run["id"])
    assert (first["status"], first["validationCorrMean"], first["perEraDiagnostics"]) == (
        "pending", None, None)
    [last] = look(client, run["id"])
    assert (last["status"], last["message"], last["erasAcceptedCount"]) == ("done", None, 3)
    eras = last["perEraDiagnostics"]
    assert [era["era"] for era in eras] == [f"{FIRST_ERA + n:04d}" for n in range(3)]
    correlations = [era["validationCorr"] for era in eras]
    assert all(-0.2 < number < 0.2 for number in correlations)
    assert last["validationCorrMean"] == pytest.approx(sum(correlations) / 3)
    assert last["validationCorrSharpe"] == pytest.approx(
        last["validationCorrMean"] / last["validationCorrStd"])
    assert last["validationMaxDrawdown"] <= 0
    assert last["validationBmcMean"] is None
    assert client.sandbox.state()["diagnostics"] == [{
        "id": run["id"],
        "model": "example_model",
        "modelId": client.sandbox.account.models[0].id,
        "filename": last["filename"],
        "sha256": hashlib.sha256(content).hexdigest(),
        "status": "done",
        "looks": 2,
    }]
    assert client.sandbox.state()["submissions"] == []


def test_the_list_of_a_model_is_no_look_at_a_run(client):
    run = created(client, validation_file(10))
    model = client.sandbox.account.models[0].id
    for _ in range(3):
        assert [r["status"] for r in look(client, model=model)] == ["pending"]
    again = created(client, validation_file(10))
    assert [r["id"] for r in look(client, model=model)] == [again["id"], run["id"]]
    assert look(client, "unheard") == []


def test_a_script_says_how_a_run_goes(client):
    client.sandbox.diagnostics.script(looks=None, pending="queued")
    run = created(client, validation_file(10))
    assert {look(client, run["id"])[0]["status"] for _ in range(5)} == {"queued"}
    reply = client.admin("POST", "diagnostics", {"looks": 0, "status": "failed", "message": "no"})
    assert reply.status == 200
    run = created(client, validation_file(10))
    [found] = look(client, run["id"])
    assert (found["status"], found["message"], found["perEraDiagnostics"]) == ("failed", "no", None)
    assert client.admin("POST", "diagnostics", {"unheard": 1}).status == 400


def test_live_rows_are_no_validation_rows(client):
    run = created(client, GOOD_FILE)
    look(client, run["id"])
    [found] = look(client, run["id"])
    assert (found["status"], found["message"]) == ("failed", NO_ERAS)


def test_no_round_has_to_be_open(client):
    client.sandbox.set_round("closed")
    assert created(client, validation_file(10))["id"]


@pytest.mark.parametrize(("content", "message"), [
    (b"id,value\nv,0.5\n", rules.HEADERS),
    (b"id,prediction\n", rules.NOT_ENOUGH),
    (b"id,prediction\nv,0.5\nv,0.6\n", rules.DUPLICATES),
    (b"id,prediction\n,0.5\n", rules.NAN_IDS),
    (b"id,prediction\nv,0.5\nw,\n", rules.NAN_VALUES),
    (b"id,prediction\nv,0.5\nw,2\n", rules.RANGE),
    (b"id,prediction\nv,0.5\nw,0.5\n", rules.DEVIATION),
    (b"id,prediction\nv,high\n", "invalid_submission_values: 'high' is not a number"),
], ids=range(8))
def test_a_file_that_breaks_the_rules_is_refused(client, content, message):
    assert create(client, content)["errors"][0]["message"] == message
    assert client.sandbox.state()["diagnostics"] == []


def test_a_file_has_to_be_uploaded(client):
    assert "Unknown submission file" in client.error(CREATE, {"f": "x.csv"})


def test_reading_needs_its_scope(datasets):

    account = Account(scopes=("upload_submission",), models=(Model.parse("one"),))
    with Sandbox(datasets, LIVE_IDS, account=account) as sandbox:
        client = Client(sandbox)
        assert created(client, validation_file(10))["id"]
        assert client.error(READ) == "Insufficient permission for read_submission_info"
        client.connection.close()


@pytest.mark.parametrize("field", ["diagnosticsUploadAuth", "diagnostics_upload_auth"])
@pytest.mark.parametrize("declared", ["ID", "String", "String!"])
def test_both_spellings_take_ids_as_clients_declare_them(client, field, declared):
    query = f"""query ($m: {declared}) {{
        {field}(filename: "v.csv", tournament: 8, modelId: $m) {{ url }} }}"""
    model = client.sandbox.account.models[0].id
    assert client.query(query, {"m": model})["data"][field]["url"].startswith(client.sandbox.url)


def test_faults_hit_them_as_they_hit_submissions(client):
    client.sandbox.add_fault("graphql_errors", operation="createDiagnostics",
                             errors=[{"message": "Internal server error"}])
    assert "errors" in create(client, validation_file(10))
    assert client.sandbox.state()["diagnostics"] == []
