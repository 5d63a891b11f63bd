"""A sandbox with three live ids, and a client that shows raw replies."""

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox import Sandbox

LIVE_IDS = ("n01", "n02", "n03")
GOOD_FILE = b"id,prediction\nn01,0.25\nn02,0.5\nn03,0.75\n"
DATASET = "v5.3/live.parquet"
DATASET_BYTES = bytes(range(256)) * 40


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """One keep-alive connection; speaks with the sandbox's key unless told otherwise."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
        self.key = f"Token {sandbox.account.public_id}${sandbox.account.secret_key}"

    def send(self, method: str, url: str, body=None, headers=None, **options) -> Reply:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            self.connection.request(method, target, body, headers or {}, **options)
            response = self.connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        except (http.client.HTTPException, OSError):
            self.connection.close()
            raise

    def post_query(self, query: str, variables=None, key: str | None = "") -> Reply:
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Authorization"] = key or self.key
        body = json.dumps({"query": query, "variables": variables})
        return self.send("POST", self.sandbox.url, body, headers)

    def query(self, query: str, variables=None, key: str | None = ""):
        return self.post_query(query, variables, key).json

    def error(self, query: str, variables=None, key: str | None = "") -> str:
        return self.query(query, variables, key)["errors"][0]["message"]

    def admin(self, method: str, action: str, value=None) -> Reply:
        return self.send(method, f"/_sandbox/{action}", json.dumps(value))

    def dataset_url(self, name: str = DATASET) -> str:
        reply = self.query("query ($f: String!) { dataset(filename: $f) }", {"f": name})
        return reply["data"]["dataset"]

    def upload_auth(self, name: str = "predictions.csv") -> dict[str, str]:
        query = """query ($f: String!) {
            a: submissionUploadAuth(filename: $f, tournament: 8) { filename url } }"""
        return self.query(query, {"f": name})["data"]["a"]

    def create(self, filename: str):
        query = "mutation ($f: String!) { s: createSubmission(filename: $f, tournament: 8) {id} }"
        return self.query(query, {"f": filename})

    def submit(self, content: bytes = GOOD_FILE):
        """All three steps; the reply to the last."""
        auth = self.upload_auth()
        assert self.send("PUT", auth["url"], content).status == 200
        return self.create(auth["filename"])


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    file = tmp_path / "datasets" / DATASET
    file.parent.mkdir(parents=True)
    file.write_bytes(DATASET_BYTES)
    return tmp_path / "datasets"


@pytest.fixture
def sandbox(datasets: Path) -> Iterator[Sandbox]:
    with Sandbox(datasets, LIVE_IDS) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    made = Client(sandbox)
    yield made
    made.connection.close()
