"""Scripted faults: whom they hit, and what the client sees."""

import http.client
import time

import pytest

from sandbox.tests.conftest import DATASET_BYTES, GOOD_FILE, Client

QUERY = "{ listDatasets }"
SIZE = len(DATASET_BYTES)
FOR_STORE = {"path": "/numerai-datasets/*"}


def hits(sandbox) -> list[int]:
    return [fault["hits"] for fault in sandbox.state()["faults"]]


def test_a_fault_hits_the_nth_request_as_often_as_asked(client):
    client.sandbox.add_fault("status", status=503, operation="listDatasets", nth=2, times=2)
    seen = [client.post_query(QUERY).status for _ in range(5)]
    assert seen == [200, 503, 503, 200, 200]
    assert hits(client.sandbox) == [2]


def test_a_fault_may_last_for_ever(client):
    client.sandbox.add_fault("status", status=500, times=None)
    assert [client.post_query(QUERY).status for _ in range(3)] == [500] * 3
    client.admin("DELETE", "faults")
    assert client.post_query(QUERY).status == 200


def test_faults_match_names_methods_and_paths(client):
    sandbox, url = client.sandbox, client.dataset_url()
    sandbox.add_fault("status", status=500, operation=["Named", "createSubmission"])
    sandbox.add_fault("status", status=501, method="PUT")
    sandbox.add_fault("status", status=502, path="/numerai-datasets/*.parquet")
    assert client.post_query(QUERY).status == 200
    assert client.post_query("query Named { listDatasets }").status == 500
    assert client.send("PUT", client.upload_auth()["url"], b"x").status == 501
    assert client.send("GET", url).status == 502
    assert hits(sandbox) == [1, 1, 1]


def test_of_two_faults_that_are_due_the_first_acts_and_both_count(client):
    client.sandbox.add_fault("status", status=500)
    client.sandbox.add_fault("status", status=503, nth=2)
    assert [client.post_query(QUERY).status for _ in range(3)] == [500, 503, 200]


def test_the_log_names_the_fault(client):
    client.sandbox.add_fault("status", status=500)
    client.post_query(QUERY)
    entry = client.sandbox.state()["requests"][0]
    assert (entry["fault"], entry["status"]) == ("status", 500)


def test_a_status_has_its_headers_and_no_effect(client):
    headers = {"Retry-After": "7"}
    client.sandbox.add_fault("status", status=429, headers=headers, method="PUT")
    reply = client.send("PUT", client.upload_auth()["url"], GOOD_FILE)
    assert (reply.status, reply.headers["Retry-After"]) == (429, "7")
    assert b"<Code>TooManyRequests</Code>" in reply.body
    assert client.sandbox.state()["uploads"] == []
    client.sandbox.add_fault("status", status=502, operation="listDatasets")
    assert client.post_query(QUERY).json == {"errors": {"detail": "Bad Gateway"}}


def test_a_reset_comes_before_any_effect(client):
    auth = client.upload_auth()
    client.sandbox.add_fault("reset", method="PUT", after_request_bytes=5)
    with pytest.raises(ConnectionResetError):
        client.send("PUT", auth["url"], GOOD_FILE)
    assert client.sandbox.state()["uploads"] == []
    assert client.sandbox.state()["requests"][-1]["status"] is None


@pytest.mark.parametrize("after", [0, 1, 1000, SIZE - 1])
def test_a_cut_ends_the_body_early(client, after):
    url = client.dataset_url()
    client.sandbox.add_fault("cut", after_bytes=after, **FOR_STORE)
    with pytest.raises(http.client.IncompleteRead) as cut:
        client.send("GET", url)
    assert (cut.value.partial, cut.value.expected) == (DATASET_BYTES[:after], SIZE - after)
    assert client.send("GET", url).body == DATASET_BYTES


def test_a_cut_may_be_a_reset(client):
    url = client.dataset_url()
    client.sandbox.add_fault("cut", after_bytes=10, reset=True, **FOR_STORE)
    with pytest.raises(ConnectionResetError):
        client.send("GET", url)


def test_a_cut_counts_the_bytes_of_the_part_that_was_asked_for(client):
    url = client.dataset_url()
    client.sandbox.add_fault("cut", after_bytes=10, **FOR_STORE)
    with pytest.raises(http.client.IncompleteRead) as cut:
        client.send("GET", url, headers={"Range": "bytes=100-"})
    assert cut.value.partial == DATASET_BYTES[100:110]


def test_a_truncated_body_looks_like_a_success(client):
    url = client.dataset_url()
    client.sandbox.add_fault("truncate", bytes=100, **FOR_STORE)
    reply = client.send("GET", url)
    assert (reply.status, reply.body) == (200, DATASET_BYTES[:100])
    assert reply.headers["Content-Length"] == "100"


def test_a_wrong_length_is_too_long_or_too_short(client):
    url = client.dataset_url()
    client.sandbox.add_fault("wrong_length", delta=5, **FOR_STORE)
    client.sandbox.add_fault("wrong_length", delta=-5, nth=2, **FOR_STORE)
    with pytest.raises(http.client.IncompleteRead) as short:
        client.send("GET", url)
    assert short.value.expected == 5
    assert client.send("GET", url).body == DATASET_BYTES[:-5]


def test_a_stall_keeps_the_reply_back(client):
    client.sandbox.add_fault("stall", seconds=600)
    client.connection.timeout = 0.1
    with pytest.raises(TimeoutError):
        client.post_query(QUERY)


def test_a_stall_in_the_body_lets_its_beginning_through(client):
    url = client.dataset_url()
    client.sandbox.add_fault("stall", seconds=600, after_bytes=100, **FOR_STORE)
    client.connection.sock.settimeout(0.2)
    client.connection.request("GET", url.removeprefix(client.sandbox.url))
    response = client.connection.getresponse()
    assert response.read(100) == DATASET_BYTES[:100]
    with pytest.raises(TimeoutError):
        response.read(1)


def test_a_short_stall_ends_in_the_whole_reply(client):
    url = client.dataset_url()
    client.sandbox.add_fault("stall", seconds=0.05, after_bytes=100, **FOR_STORE)
    start = time.monotonic()
    assert client.send("GET", url).body == DATASET_BYTES
    assert time.monotonic() - start >= 0.05


def test_a_stall_does_not_hold_up_others_or_the_end(sandbox):
    sandbox.add_fault("stall", seconds=600)
    stalled, other = Client(sandbox), Client(sandbox)
    stalled.connection.timeout = 0.1
    with pytest.raises(TimeoutError):
        stalled.post_query(QUERY)
    assert other.post_query(QUERY).status == 200
    start = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - start < 5
    other.connection.close()


@pytest.mark.parametrize("errors", [[{"message": "no"}], {"detail": "no"}])
def test_graphql_errors_are_a_list_or_a_dictionary(client, errors):
    client.sandbox.add_fault("graphql_errors", errors=errors)
    reply = client.post_query(QUERY)
    assert (reply.status, reply.json) == (200, {"data": None, "errors": errors})


def test_null_data_is_null_as_a_whole_or_in_each_field(client):
    client.sandbox.add_fault("null_data")
    client.sandbox.add_fault("null_data", in_fields=True, nth=2)
    assert client.query(QUERY) == {"data": None}
    assert client.query("{ a: listDatasets rounds { id } }") == {
        "data": {"a": None, "rounds": None}
    }


def test_camel_case_may_be_unknown_while_snake_case_works(client):
    client.sandbox.add_fault("unknown_field", operation="submissionUploadAuth", times=None)
    query = '{{ {}(filename: "p", tournament: 8) {{ url }} }}'
    message = 'Cannot query field "submissionUploadAuth" on type "RootQueryType".'
    assert client.error(query.format("submissionUploadAuth")) == message
    assert "errors" not in client.query(query.format("submission_upload_auth"))


def test_html_may_come_in_the_place_of_json(client):
    client.sandbox.add_fault("html")
    reply = client.post_query(QUERY)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html")
    assert reply.body.startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize("reset", [False, True])
def test_a_put_may_be_stored_and_its_reply_lost(client, reset):
    auth = client.upload_auth()
    client.sandbox.add_fault("drop_reply", method="PUT", reset=reset)
    with pytest.raises(ConnectionError):
        client.send("PUT", auth["url"], GOOD_FILE)
    assert len(client.sandbox.state()["uploads"]) == 1
    assert "errors" not in client.create(auth["filename"])


def test_a_create_may_be_done_and_its_reply_lost(client):
    auth = client.upload_auth()
    client.send("PUT", auth["url"], GOOD_FILE)
    client.sandbox.add_fault("drop_reply", operation="createSubmission")
    with pytest.raises(http.client.RemoteDisconnected):
        client.create(auth["filename"])
    listed = client.query("{ submissions { filename } }")["data"]["submissions"]
    assert listed == [{"filename": auth["filename"]}]


def test_faults_can_be_scripted_over_http(client):
    script = [{"action": "status", "status": 500}, {"action": "html", "nth": 2}]
    assert client.admin("POST", "faults", script).status == 200
    assert client.post_query(QUERY).status == 500
    listed = client.admin("GET", "faults").json
    assert listed[0] == {"action": "status", "status": 500, "matched": 1, "hits": 1}
    assert listed[1]["hits"] == 0


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"action": "explode"},
        {"action": "status"},
        {"action": "status", "status": 999},
        {"action": "cut", "after_byte": 1},
        {"action": "html", "nth": 0},
        {"action": "html", "times": 0},
        [{"action": "html"}, {"action": "explode"}],
    ],
)
def test_a_wrong_fault_is_refused_and_not_added(client, fault):
    reply = client.admin("POST", "faults", fault)
    assert reply.status == 400 and reply.json["error"]
    assert client.sandbox.state()["faults"] == []


def test_the_admin_endpoints_are_neither_logged_nor_hit(client):
    client.sandbox.add_fault("status", status=500)
    assert client.admin("GET", "state").status == 200
    assert client.admin("GET", "nothing").status == 404
    assert client.sandbox.state()["requests"] == []
