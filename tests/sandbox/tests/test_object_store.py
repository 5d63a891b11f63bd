"""Presigned URLs, ranges, and what the store refuses."""

import hashlib
import socket

import pytest

from sandbox.tests.conftest import DATASET, DATASET_BYTES, GOOD_FILE

SIZE = len(DATASET_BYTES)


def test_a_get_has_the_bytes_and_describes_them(client):
    reply = client.send("GET", client.dataset_url())
    assert (reply.status, reply.body) == (200, DATASET_BYTES)
    assert reply.headers["Content-Length"] == str(SIZE)
    assert reply.headers["Accept-Ranges"] == "bytes"
    assert reply.headers["ETag"].startswith('"')


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-", 100, SIZE - 1),
        ("bytes=5-99999999", 5, SIZE - 1),
        ("bytes=-7", SIZE - 7, SIZE - 1),
        ("bytes=-99999999", 0, SIZE - 1),
    ],
)
def test_a_range_is_a_206_with_its_place(client, header, first, last):
    reply = client.send("GET", client.dataset_url(), headers={"Range": header})
    assert (reply.status, reply.body) == (206, DATASET_BYTES[first : last + 1])
    assert reply.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"


@pytest.mark.parametrize("header", ["bytes=0-1,4-5", "lines=1-2", "bytes=5-4", "bytes=-", "x"])
def test_a_range_that_is_not_understood_is_ignored(client, header):
    reply = client.send("GET", client.dataset_url(), headers={"Range": header})
    assert (reply.status, reply.body) == (200, DATASET_BYTES)


@pytest.mark.parametrize("header", [f"bytes={SIZE}-", "bytes=-0"])
def test_a_range_behind_the_end_is_a_416(client, header):
    reply = client.send("GET", client.dataset_url(), headers={"Range": header})
    assert reply.status == 416
    assert reply.headers["Content-Range"] == f"bytes */{SIZE}"
    assert b"<Code>InvalidRange</Code>" in reply.body


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_if_range_gives_the_part_of_the_same_object(client, validator):
    url = client.dataset_url()
    tag = client.send("GET", url).headers[validator]
    reply = client.send("GET", url, headers={"Range": "bytes=10-", "If-Range": tag})
    assert (reply.status, reply.body) == (206, DATASET_BYTES[10:])


def test_if_range_gives_the_whole_of_a_changed_object(client, datasets):
    url = client.dataset_url()
    tag = client.send("GET", url).headers["ETag"]
    (datasets / DATASET).write_bytes(DATASET_BYTES[::-1] + b"!")
    reply = client.send("GET", url, headers={"Range": "bytes=10-", "If-Range": tag})
    assert (reply.status, reply.body) == (200, DATASET_BYTES[::-1] + b"!")
    assert reply.headers["ETag"] != tag


def test_a_url_expires(client):
    url = client.dataset_url()
    client.sandbox.clock.advance(599)
    assert client.send("GET", url).status == 200
    client.sandbox.clock.advance(2)
    reply = client.send("GET", url)
    assert reply.status == 403
    assert reply.headers["Content-Type"] == "application/xml"
    assert b"<Code>AccessDenied</Code><Message>Request has expired</Message>" in reply.body
    assert client.send("GET", client.dataset_url()).status == 200


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
def test_the_method_is_signed(client, method):
    assert client.send(method, client.dataset_url(), b"").status == 403


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("live.parquet?", "train.parquet?"),
        ("X-Amz-Expires=600", "X-Amz-Expires=60000"),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
        ("&X-Amz-Signature=", "&X-Amz-Other="),
    ],
)
def test_a_changed_url_is_a_403(client, old, new):
    url = client.dataset_url()
    assert old in url
    reply = client.send("GET", url.replace(old, new))
    assert reply.status == 403 and b"<Error><Code>" in reply.body


def test_a_deleted_object_is_a_404(client, datasets):
    url = client.dataset_url()
    (datasets / DATASET).unlink()
    reply = client.send("GET", url)
    assert reply.status == 404 and b"<Code>NoSuchKey</Code>" in reply.body


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_request_with_the_key_is_refused(client, method):
    url = client.dataset_url() if method == "GET" else client.upload_auth()["url"]
    reply = client.send(method, url, GOOD_FILE, {"Authorization": client.key})
    assert reply.status == 400 and b"Only one auth mechanism allowed" in reply.body
    assert client.sandbox.state()["uploads"] == []
    assert client.sandbox.state()["requests"][-1]["authorization"] is True


def test_an_upload_is_stored_and_hashed(client):
    auth = client.upload_auth("my.csv")
    reply = client.send("PUT", auth["url"], GOOD_FILE, {"x_compute_id": "compute"})
    assert reply.status == 200
    assert reply.headers["ETag"] == f'"{hashlib.md5(GOOD_FILE).hexdigest()}"'
    assert client.sandbox.state()["uploads"] == [
        {
            "filename": auth["filename"],
            "size": len(GOOD_FILE),
            "sha256": hashlib.sha256(GOOD_FILE).hexdigest(),
            "computeId": "compute",
        }
    ]


def test_a_chunked_upload_is_a_411(client):
    url = client.upload_auth()["url"]
    reply = client.send("PUT", url, iter([GOOD_FILE] * 100), encode_chunked=True)
    assert reply.status == 411 and b"<Code>MissingContentLength</Code>" in reply.body
    assert client.sandbox.state()["uploads"] == []


def test_an_upload_that_breaks_off_is_not_stored(client):
    target = client.upload_auth()["url"].removeprefix(client.sandbox.url)
    with socket.create_connection(("127.0.0.1", client.sandbox.port)) as connection:
        head = f"PUT {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
        connection.sendall(head.encode() + GOOD_FILE)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    assert client.sandbox.state()["uploads"] == []
    assert client.sandbox.state()["requests"][-1]["status"] is None


@pytest.mark.parametrize("name", ["../secret", "v5.3/../../secret", "v5.3", "none", "/etc/passwd"])
def test_no_url_is_given_for_what_is_not_in_the_folder(client, datasets, name):
    (datasets.parent / "secret").write_text("x")
    query = "query ($f: String!) { dataset(filename: $f) }"
    assert client.error(query, {"f": name}) == f"Dataset not found: {name}"


def test_urls_lead_back_to_the_host_that_the_client_used(client):
    body = b'{"query": "{ dataset(filename: \\"v5.3/live.parquet\\") }"}'
    headers = {"Content-Type": "application/json", "Host": "numerai.test:8080"}
    reply = client.send("POST", "/", body, headers)
    assert reply.json["data"]["dataset"].startswith("http://numerai.test:8080/numerai-datasets/")
