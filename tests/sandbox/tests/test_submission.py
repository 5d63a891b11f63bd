"""From the upload authorisation to the accepted submission."""

import hashlib

import pytest

from sandbox import submission_rules as rules
from sandbox.tests.conftest import GOOD_FILE

CREATE = """mutation ($f: String!, $t: String, $d: Int) {
    create_submission(filename: $f, tournament: 8, triggerId: $t, source: "me", dataDatestamp: $d)
    { id filename status submittedCount filteredCount triggerId round { number } } }"""


def test_a_valid_upload_becomes_a_submission(client):
    auth = client.upload_auth("mine.csv")
    client.send("PUT", auth["url"], GOOD_FILE + b"other,1\n")
    variables = {"f": auth["filename"], "t": "trigger", "d": 20260320}
    created = client.query(CREATE, variables)["data"]["create_submission"]
    assert created["filename"].startswith("mine-") and created["filename"].endswith(".csv")
    assert (created["submittedCount"], created["filteredCount"]) == (4, 1)
    assert created["round"] == {"number": 1100}
    assert client.sandbox.state()["submissions"] == [
        {
            "id": created["id"],
            "model": "example_model",
            "modelId": client.sandbox.account.models[0].id,
            "filename": auth["filename"],
            "triggerId": "trigger",
            "source": "me",
            "status": "on-time",
            "sha256": hashlib.sha256(GOOD_FILE + b"other,1\n").hexdigest(),
            "round": 1100,
            "dataDatestamp": 20260320,
            "submittedCount": 4,
            "filteredCount": 1,
        }
    ]


def test_an_invalid_upload_is_refused_by_the_create_call(client):
    reply = client.submit(b"id,prediction\nn01,0.5\n")
    assert reply["errors"][0]["message"] == rules.NOT_ENOUGH
    assert reply["data"] == {"s": None}
    assert client.sandbox.state()["submissions"] == []


def test_create_needs_an_upload(client):
    name = client.upload_auth()["filename"]
    assert client.create(name)["errors"][0]["message"].startswith("Submission file was not upl")
    assert client.create("x.csv")["errors"][0]["message"].startswith("Unknown submission file")


@pytest.mark.parametrize("name", ["", "a/b.csv", "../b.csv"])
def test_an_upload_has_a_base_name(client, name):
    query = "query ($f: String!) { submissionUploadAuth(filename: $f, tournament: 8) { url } }"
    assert client.error(query, {"f": name}) == "filename must be a base name"


def test_the_newest_submission_is_selected(client):
    first = client.submit()["data"]["s"]["id"]
    second = client.submit()["data"]["s"]["id"]
    listed = client.query("{ submissions { id selected round { number } } }")
    assert listed["data"]["submissions"] == [
        {"id": second, "selected": True, "round": {"number": 1100}},
        {"id": first, "selected": False, "round": {"number": 1100}},
    ]
    latest = client.query("{ account { models { latestSubmissions { id status } } } }")
    assert latest["data"]["account"]["models"] == [
        {"latestSubmissions": [{"id": second, "status": "on-time"}]}
    ]


def test_each_create_is_a_submission_of_its_own(client):
    auth = client.upload_auth()
    client.send("PUT", auth["url"], GOOD_FILE)
    client.create(auth["filename"])
    client.create(auth["filename"])
    assert len(client.sandbox.state()["submissions"]) == 2


def test_a_second_upload_replaces_the_first(client):
    auth = client.upload_auth()
    client.send("PUT", auth["url"], b"broken")
    client.send("PUT", auth["url"], GOOD_FILE)
    client.create(auth["filename"])
    submission = client.sandbox.state()["submissions"][0]
    assert submission["sha256"] == hashlib.sha256(GOOD_FILE).hexdigest()
    assert len(client.sandbox.state()["uploads"]) == 2
