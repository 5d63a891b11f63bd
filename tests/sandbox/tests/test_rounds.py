"""Rounds that open, close, and are not there."""

import pytest

from sandbox.rounds import NOT_OPEN
from sandbox.tests.conftest import DATASET, GOOD_FILE

CURRENT = "{ rounds(tournament: 8, number: 0) { number openTime closeStakingTime closeTime } }"
UPLOAD_AUTH = '{ submissionUploadAuth(filename: "p", tournament: 8) { url } }'


def test_by_default_a_round_is_open_for_an_hour(client):
    client.sandbox.set_round(number=1234)
    round_ = client.query(CURRENT)["data"]["rounds"][0]
    assert round_["number"] == 1234
    assert round_["openTime"] < client.sandbox.state()["now"] < round_["closeStakingTime"]
    assert round_["closeStakingTime"] < round_["closeTime"]


def test_between_rounds_everything_that_needs_one_is_refused(client):
    auth = client.upload_auth()
    client.send("PUT", auth["url"], GOOD_FILE)
    client.sandbox.set_round("closed")
    assert client.error(CURRENT) == NOT_OPEN
    assert client.error(f'{{ dataset(filename: "{DATASET}") }}') == NOT_OPEN
    assert client.error(UPLOAD_AUTH) == NOT_OPEN
    assert client.create(auth["filename"])["errors"][0]["message"] == NOT_OPEN


def test_between_rounds_the_current_round_may_be_null(client):
    client.sandbox.set_round("null")
    assert client.query(CURRENT) == {"data": {"rounds": [None]}}
    assert client.error(UPLOAD_AUTH) == NOT_OPEN


@pytest.mark.parametrize("state", ["open", "closed", "null"])
def test_a_round_opens_when_its_time_comes(client, state):
    client.sandbox.set_round(state, opens_in=60)
    upcoming = client.query("{ rounds(status: UPCOMING) { number } }")
    assert upcoming["data"]["rounds"] == [{"number": 1100}]
    assert client.query("{ rounds(status: OPEN) { number } }")["data"]["rounds"] == []
    client.sandbox.clock.advance(61)
    assert client.query(CURRENT)["data"]["rounds"][0]["number"] == 1100
    assert client.query("{ rounds(status: OPEN) { number } }")["data"]["rounds"] != []


def test_a_round_is_late_and_then_closes(client):
    client.sandbox.set_round(closes_in=60, late_window=60)
    status = "{ submissions { status } }"
    client.submit()
    client.sandbox.clock.advance(61)
    client.submit()
    assert client.query(status)["data"]["submissions"] == [
        {"status": "late"},
        {"status": "on-time"},
    ]
    client.sandbox.clock.advance(60)
    assert client.error(CURRENT) == NOT_OPEN


def test_rounds_are_found_by_number_and_limited(client):
    assert client.query("{ rounds(number: 1100) { id } }")["data"]["rounds"] == [{"id": "1100"}]
    assert client.query("{ rounds(number: 1) { id } }")["data"]["rounds"] == []
    assert client.query("{ rounds(limit: 0) { id } }")["data"]["rounds"] == []
    assert client.query("{ rounds(limit: 1) { id } }")["data"]["rounds"] == [{"id": "1100"}]


def test_the_object_key_begins_with_the_datestamp_of_the_round(client):
    client.sandbox.set_round(data_datestamp=20260320)
    datestamp = client.query("{ rounds { dataDatestamp } }")["data"]["rounds"][0]["dataDatestamp"]
    assert datestamp == 20260320
    assert f"/20260320/{DATASET}?" in client.dataset_url()


def test_a_round_and_the_time_can_be_scripted_over_http(client):
    assert client.admin("POST", "round", {"state": "closed", "opens_in": 30}).status == 200
    assert client.error(CURRENT) == NOT_OPEN
    assert client.admin("POST", "clock", {"seconds": 31}).status == 200
    assert client.query(CURRENT)["data"]["rounds"][0]["number"] == 1100


@pytest.mark.parametrize(
    "script", [{"state": "ajar"}, {"opens_in": 5, "closes_in": 4}, {"late_window": -1}, {"no": 1}]
)
def test_a_wrong_script_is_refused_and_changes_nothing(client, script):
    reply = client.admin("POST", "round", script)
    assert reply.status == 400 and reply.json["error"]
    assert "errors" not in client.query(CURRENT)
