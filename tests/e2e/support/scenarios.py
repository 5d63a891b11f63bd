"""What can go wrong on the way to a submission: each scenario alone, with what happens then.

Whatever the first run comes to, a second one with the trouble gone has to end with exactly one
accepted submission, nothing sent twice, and no file left over. docs/OPERATIONS.md has the list.
"""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from e2e.support.binary import (
    EXIT_DISK,
    EXIT_DONE,
    EXIT_MODEL,
    EXIT_NETWORK,
    EXIT_REJECTED,
    EXIT_USAGE,
    Result,
    files_below,
)
from e2e.support.tournament import DATASET, Tournament
from sandbox.rounds import NOT_OPEN

type Arrange = Callable[[Tournament], None]

KEPT = {DATASET, f"{DATASET}.meta.json", "output/example_model.csv",
        "output/receipts/1100-example_model.json"}
IMPATIENT = {"ERAWISE_RETRY_BUDGET_SECONDS": "0.5"}
RACE = "FileNotFoundError: numerai-datasets-us-west-2/20231011/v3/numerai_live_ids_data.parquet"


@dataclass(frozen=True)
class Scenario:
    """One thing that goes wrong."""

    name: str
    exit_code: int
    outcome: str  # for people
    arrange: Arrange = lambda tournament: None
    env: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    submitted: int | None = None  # by the first run; None: 1 when it ends with 0, else 0
    mend: Arrange = lambda tournament: None
    left: frozenset[str] | None = None  # files of the first run, where they are few

    @property
    def expected_submissions(self) -> int:
        if self.submitted is not None:
            return self.submitted
        return 1 if self.exit_code == EXIT_DONE else 0


def fault(action: str, **keys: object) -> Arrange:
    return lambda tournament: tournament.fault(action, **keys)


def faults(*several: tuple[str, dict[str, object]]) -> Arrange:
    def arrange(tournament: Tournament) -> None:
        for action, keys in several:
            tournament.fault(action, **keys)
    return arrange


def cut_then(action: str, **keys: object) -> Arrange:
    """The download is cut off, and its continuation is hit."""
    return faults(("cut", {"method": "GET", "after_bytes": 20_000}),
                  (action, {"method": "GET", "nth": 2, **keys}))


def object_changes(tournament: Tournament) -> None:
    file = tournament.models.parent / "datasets" / DATASET
    cut_then("touch", file=str(file))(tournament)


def error(message: str) -> dict[str, object]:
    return {"errors": [{"message": message}]}


def round_answer(text: str) -> dict[str, object]:
    """An answer to `rounds` that the sandbox would not give."""
    return {"operation": "rounds", "status": 200, "body": f'{{"data":{{"answer":[{text}]}}}}',
            "headers": {"Content-Type": "application/json"}}


def closed_round(tournament: Tournament) -> None:
    tournament.sandbox.set_round("closed")


def null_round(tournament: Tournament) -> None:
    tournament.sandbox.set_round("null")


def late_round(tournament: Tournament) -> None:
    tournament.sandbox.set_round("open", opens_in=-7200, closes_in=-60)


def open_round(tournament: Tournament) -> None:
    tournament.sandbox.set_round("open")


def closing_round(tournament: Tournament) -> None:
    tournament.sandbox.set_round("open", closes_in=3)
    tournament.fault("stall", method="GET", seconds=600, after_bytes=20_000)


def skewed_clock(seconds: float) -> Arrange:
    def arrange(tournament: Tournament) -> None:
        tournament.sandbox.clock.advance(seconds)
        tournament.sandbox.set_round("open")
    return arrange


def schema(**drift: object) -> Arrange:
    return lambda tournament: tournament.sandbox.set_schema(**drift)


def same_schema(tournament: Tournament) -> None:
    tournament.sandbox.set_schema()


def garbage_model(tournament: Tournament) -> None:
    file = tournament.models / "example_model.ubj"
    shutil.copyfile(file, file.with_suffix(".whole"))
    file.write_bytes(b"garbage")


def whole_model(tournament: Tournament) -> None:
    file = tournament.models / "example_model.ubj"
    file.with_suffix(".whole").replace(file)


def data_of_the_round_before(tournament: Tournament) -> None:
    tournament.call("download", "--file", DATASET).expect(EXIT_DONE)
    record = tournament.data / f"{DATASET}.meta.json"
    record.write_text(record.read_text().replace('"round": null', '"round": 1099'))


def newer_data(tournament: Tournament) -> None:
    file = tournament.models.parent / "datasets" / DATASET
    file.write_bytes(file.read_bytes() + bytes(4))


STORE_REFUSES = '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'
GET = {"method": "GET"}
PUT = {"method": "PUT"}
CREATE = {"operation": "createSubmission"}
AUTH = {"operation": "submissionUploadAuth"}

SCENARIOS = (
    # The download
    Scenario("download cut off half-way", EXIT_DONE, "continued with Range and If-Range",
             fault("cut", **GET, after_bytes=20_000)),
    Scenario("download reset half-way", EXIT_DONE, "continued with Range and If-Range",
             fault("cut", **GET, after_bytes=20_000, reset=True)),
    Scenario("download cut off five times", EXIT_DONE, "continued each time",
             fault("cut", **GET, after_bytes=10_000, times=5)),
    Scenario("download stalls until the round closes", EXIT_NETWORK,
             "given up at the close of the round; the next run goes on with the part",
             closing_round, mend=open_round),
    Scenario("slow download", EXIT_DONE, "takes its time",
             fault("slow", **GET, piece_bytes=20_000, seconds=0.05)),
    Scenario("truncated body with a length to match", EXIT_DONE,
             "the missing footer is noticed, and the file is downloaded again",
             fault("truncate", **GET, bytes=30_000)),
    Scenario("same truncated body twice", 3, "damaged in the store: nothing is predicted",
             fault("truncate", **GET, bytes=30_000, times=2)),
    Scenario("body shorter than announced", EXIT_DONE, "the rest is asked for",
             fault("wrong_length", **GET, delta=10)),
    Scenario("body longer than announced", EXIT_DONE,
             "the missing footer is noticed, and the file is downloaded again",
             fault("wrong_length", **GET, delta=-10)),
    Scenario("200 to a Range request", EXIT_DONE, "starts over", cut_then("ignore_range")),
    Scenario("206 with another Content-Range", EXIT_DONE, "starts over", cut_then("wrong_range")),
    Scenario("object replaced half-way (ETag)", EXIT_DONE, "starts over", object_changes),
    Scenario("416 to a Range request", EXIT_DONE, "starts over", cut_then("status", status=416)),
    Scenario("presigned URL expired", EXIT_DONE, "a new URL is asked for",
             fault("status", **GET, status=403, body=STORE_REFUSES)),
    Scenario("presigned URL expired half-way", EXIT_DONE, "a new URL continues the part",
             cut_then("status", status=403, body=STORE_REFUSES)),
    Scenario("store refuses every URL (403)", EXIT_NETWORK, "given up within the budget",
             fault("status", **GET, status=403, times=None), IMPATIENT),
    Scenario("object not there yet (404)", EXIT_DONE, "waited for, since the round is open",
             fault("status", **GET, status=404)),
    Scenario("object missing for good (404)", EXIT_NETWORK, "given up within the budget",
             fault("status", **GET, status=404, times=None), IMPATIENT),
    Scenario("store busy (429 with Retry-After)", EXIT_DONE, "waits as long as it is asked to",
             fault("status", **GET, status=429, headers={"Retry-After": "1"})),
    Scenario("store down for a moment (503, twice)", EXIT_DONE, "tried again",
             fault("status", **GET, status=503, times=2)),
    Scenario("store down for good (500)", EXIT_NETWORK, "given up within the budget",
             fault("status", **GET, status=500, times=None), IMPATIENT),
    # The API
    Scenario("API busy (429 with Retry-After)", EXIT_DONE, "waits as long as it is asked to",
             fault("status", operation="dataset", status=429, headers={"Retry-After": "1"})),
    Scenario("API asks to wait longer than the budget", EXIT_NETWORK, "given up at once",
             fault("status", operation="dataset", status=503, headers={"Retry-After": "9999"},
                   times=None)),
    Scenario("API down for a moment (502)", EXIT_DONE, "tried again",
             fault("status", operation="account", status=502, times=2)),
    Scenario("web page in place of JSON (200)", EXIT_DONE, "tried again",
             fault("html", operation="rounds")),
    Scenario("web page in place of JSON (502)", EXIT_DONE, "tried again",
             fault("html", **AUTH, status=502)),
    Scenario("GraphQL error list: internal error", EXIT_DONE, "tried again",
             fault("graphql_errors", **AUTH, **error("Internal server error"))),
    Scenario("GraphQL error as a dictionary", EXIT_DONE, "tried again",
             fault("graphql_errors", operation="apiTokenInfo",
                   errors={"detail": "Internal Server Error"}, status=500)),
    Scenario("data: null", EXIT_DONE, "tried again", fault("null_data", operation="account")),
    Scenario("creation answered with data: null", EXIT_DONE,
             "the list is asked before creating again",
             fault("null_data", **CREATE)),
    Scenario("camelCase names unknown to the server", EXIT_DONE, "asked again in snake_case",
             fault("unknown_field", operation=["submissionUploadAuth", "createSubmission"],
                   times=None)),
    Scenario("API reply lost", EXIT_DONE, "tried again", fault("drop_reply", operation="dataset")),
    Scenario("API connection reset", EXIT_DONE, "tried again",
             fault("reset", operation="rounds", times=2)),
    # The upload
    Scenario("upload reset half-way", EXIT_DONE, "uploaded again to a new URL",
             fault("reset", **PUT, after_request_bytes=10_000)),
    Scenario("upload stored, reply lost", EXIT_DONE, "uploaded again, created once",
             fault("drop_reply", **PUT)),
    Scenario("upload stored, answered with 500", EXIT_DONE, "uploaded again, created once",
             fault("act_then_status", **PUT, status=500)),
    Scenario("upload URL refused (403)", EXIT_DONE, "authorised anew",
             fault("status", **PUT, status=403)),
    Scenario("upload too slow for the store (400)", EXIT_DONE, "authorised anew",
             fault("status", **PUT, status=400)),
    Scenario("upload refused for good (400)", EXIT_REJECTED,
             "reported after three tries, nothing created",
             fault("status", **PUT, status=400, times=None)),
    # The creation
    Scenario("submission created, reply lost", EXIT_DONE, "found in the list, not created again",
             fault("drop_reply", **CREATE)),
    Scenario("submission created, connection reset", EXIT_DONE,
             "found in the list, not created again", fault("drop_reply", **CREATE, reset=True)),
    Scenario("submission created, answered with 500", EXIT_DONE,
             "found in the list, not created again",
             fault("act_then_status", **CREATE, status=500)),
    Scenario("reply lost, and the list fails twice", EXIT_DONE,
             "the list is asked until it answers",
             faults(("drop_reply", CREATE),
                    ("status", {"operation": "submissions", "status": 503, "times": 2}))),
    Scenario("creation lost on the way", EXIT_DONE, "not in the list, so created again",
             fault("reset", **CREATE)),
    Scenario("server race after opening (file not found)", EXIT_DONE, "tried again in the window",
             fault("graphql_errors", **CREATE, times=2, **error(RACE))),
    Scenario("refused by Numerai's validator", EXIT_REJECTED, "told in Numerai's words",
             fault("graphql_errors", **CREATE,
                   **error("invalid_submission_ids: Not enough stocks submitted."))),
    Scenario("round closes before the creation", EXIT_REJECTED, "told, nothing is created",
             fault("graphql_errors", **CREATE, **error(NOT_OPEN))),
    Scenario("list of submissions unavailable", EXIT_DONE, "accepted, with a warning",
             fault("status", operation="submissions", status=503, times=None), IMPATIENT),
    # Rounds and their data
    Scenario("no round open (error)", EXIT_REJECTED, "told when to run", closed_round,
             mend=open_round, left=frozenset()),
    Scenario("no round open (null)", EXIT_REJECTED, "told when to run", null_round,
             mend=open_round, left=frozenset()),
    Scenario("round opens late", EXIT_DONE, "waited for (--wait)",
             fault("graphql_errors", operation="rounds", **error(NOT_OPEN)),
             arguments=("--wait", "1s")),
    Scenario("round's on-time window is over", EXIT_REJECTED, "told of --late allow", late_round,
             mend=open_round, left=frozenset()),
    Scenario("late submission allowed", EXIT_DONE, "submitted late", late_round,
             arguments=("--late", "allow"), mend=open_round),
    Scenario("late submission allowed, with time to wait", EXIT_DONE,
             "the next round is waited for first, then submitted late", late_round,
             arguments=("--late", "allow", "--wait", "1s"), mend=open_round),
    Scenario("no round open, long before the close", EXIT_DONE, "a warning; the server decides",
             fault("graphql_errors", operation="rounds", nth=2, **error(NOT_OPEN))),
    Scenario("next round opens during the prediction", EXIT_REJECTED, "nothing is uploaded",
             fault("status", nth=2, **round_answer('{"number":1101}'))),
    Scenario("data of another day", EXIT_REJECTED, "nothing is downloaded",
             fault("status", **round_answer('{"number":1100,"dataDatestamp":20200101}')),
             left=frozenset()),
    Scenario("data of another day until the wait is over", EXIT_DONE,
             "taken with a warning; Numerai knows its ids",
             fault("status", times=None, **round_answer('{"number":1100,"dataDatestamp":20200101}')),
             arguments=("--wait", "1s")),
    Scenario("data of the round before", EXIT_NETWORK, "waited for, nothing is predicted",
             data_of_the_round_before, IMPATIENT, mend=newer_data),
    Scenario("round open, data not yet released", EXIT_DONE, "waited for (--wait)",
             fault("graphql_errors", operation="dataset", **error(NOT_OPEN)),
             arguments=("--wait", "1s")),
    # The key
    Scenario("wrong key", EXIT_REJECTED, "known before the download",
             env={"NUMERAI_SECRET_KEY": "WRONG"}, left=frozenset()),
    Scenario("key lacks a scope", EXIT_REJECTED, "known before the download",
             fault("status", operation="apiTokenInfo", status=200,
                   body='{"data":{"answer":{"scopes":["stake"]}}}'), left=frozenset()),
    Scenario("account cannot be asked, round can", EXIT_NETWORK, "given up before the download",
             fault("status", operation="account", status=429, headers={"Retry-After": "9999"},
                   times=None), arguments=("--wait", "1s"), left=frozenset()),
    Scenario("API does not know apiTokenInfo", EXIT_DONE, "goes on without it",
             fault("unknown_field", operation=["apiTokenInfo", "api_token_info"], times=2)),
    Scenario("scopes have other names", EXIT_DONE, "a warning; the server decides",
             fault("status", operation="apiTokenInfo", status=200,
                   body='{"data":{"answer":{"scopes":["submissions:write"]}}}')),
    # The schema
    Scenario("a field or argument that is nice to have is gone", EXIT_DONE,
             "left out, with a warning",
             schema(without=["Round.dataDatestamp", "Mutation.createSubmission(dataDatestamp)"]),
             mend=same_schema),
    Scenario("an argument has another type", EXIT_DONE, "declared as the server expects it",
             schema(retyped={"Query.submissionUploadAuth(tournament)": "String!",
                             "Mutation.createSubmission(modelId)": "ID!"}), mend=same_schema),
    Scenario("a type has another name", EXIT_DONE, "values stand in the operation itself",
             schema(without=["Int"], wording="absinthe"), mend=same_schema),
    Scenario("an argument is spelled in snake_case", EXIT_DONE, "asked again in that spelling",
             schema(renamed={"Mutation.createSubmission(modelId)": "model_id"}),
             mend=same_schema),
    Scenario("the new submission's id is not told", EXIT_DONE,
             "submitted once; the next run looks for the id", schema(nulls=["V2Submission.id"]),
             mend=same_schema),
    Scenario("models have no ids", EXIT_REJECTED, "told, and that MODEL_ID does without",
             schema(without=["Model.id"]), mend=same_schema, left=frozenset()),
    Scenario("the file's argument of createSubmission is gone", EXIT_REJECTED,
             "told what a run cannot do without",
             schema(without=["Mutation.createSubmission(filename)"]), mend=same_schema),
    # This machine
    Scenario("clock five hours behind", EXIT_DONE, "the server's clock is used",
             skewed_clock(5 * 3600)),
    Scenario("clock five hours ahead", EXIT_DONE, "the server's clock is used",
             skewed_clock(-5 * 3600)),
    Scenario("read-only folder", EXIT_DISK, "told before anything is asked",
             env={"ERAWISE_DATA_DIRECTORY": "/proc/erawise"}),
    Scenario("broken model file", EXIT_MODEL, "nothing is uploaded", garbage_model,
             mend=whole_model),
    Scenario("host name unknown (DNS)", EXIT_NETWORK, "given up within the budget",
             env={"ERAWISE_API_URL": "https://numerai.invalid", **IMPATIENT}, left=frozenset()),
    Scenario("connection refused", EXIT_NETWORK, "given up within the budget",
             env={"ERAWISE_API_URL": "http://127.0.0.1:1", **IMPATIENT}, left=frozenset()),
    Scenario("address without encryption", EXIT_USAGE, "refused before the key leaves",
             env={"ERAWISE_API_URL": "http://api.example"}, left=frozenset()),
)


def play(scenario: Scenario, tournament: Tournament) -> Result:
    """Runs into the trouble, then again without it; checks what must hold. Returns the first."""
    scenario.arrange(tournament)
    first = tournament.run(*scenario.arguments, env=scenario.env).expect(scenario.exit_code)
    assert len(tournament.submissions) == scenario.expected_submissions, first.log
    if scenario.left is not None:
        assert files_below(tournament.data) == scenario.left
    recover(tournament, scenario.mend)
    return first


def recover(tournament: Tournament, mend: Arrange = lambda tournament: None) -> None:
    """The next run, without trouble: one submission in all, the right one, and no other file."""
    tournament.sandbox.faults.clear()
    mend(tournament)
    tournament.run().expect(EXIT_DONE)
    [submission] = tournament.submissions
    [told] = tournament.report["submissions"]
    assert told["id"] == submission["id"]
    assert told["sha256"] == submission["sha256"]
    assert files_below(tournament.data) == KEPT


class _NeverReached(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.reached = True  # type: ignore[attr-defined]
        self.send_error(500)


@contextmanager
def impostor(folder: Path) -> Iterator[HTTPServer]:
    """An https server on loopback whose certificate nobody has signed but itself."""
    certificate = folder / "impostor.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost", "-days",
                    "1", "-keyout", certificate, "-out", folder / "impostor.crt"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "impostor.crt", certificate)
    server = HTTPServer(("127.0.0.1", 0), _NeverReached)
    server.reached = False  # type: ignore[attr-defined]
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
