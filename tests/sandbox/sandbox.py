"""The sandbox as a whole: its parts, and the way of a request through them."""

from collections.abc import Callable, Iterable, Set
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Self

from sandbox import admin
from sandbox.account import Account, Model
from sandbox.admin import Admin
from sandbox.api import Api, Caller
from sandbox.clock import Clock, system_time
from sandbox.diagnostics import Diagnostics
from sandbox.drift import Drift
from sandbox.fault_actions import Delivery
from sandbox.faults import Faults
from sandbox.graphql_endpoint import (
    GraphqlCall,
    execute,
    load_schema,
    read_call,
    schema_text,
)
from sandbox.live_ids import read_live_ids
from sandbox.messages import Request, Response, detail_response
from sandbox.object_store import Datasets, ObjectStore
from sandbox.presigned import Presigner
from sandbox.request_log import Entry, RequestLog
from sandbox.rounds import Rounds
from sandbox.server import Server
from sandbox.submissions import Submissions

DEFAULT_MODEL = Model.parse("example_model")


class Sandbox:
    """A running stand-in for Numerai on a loopback port; a context manager.

    `datasets` is the folder of the data sets; `live_ids` a file (see live_ids.py, read when the
    first submission comes) or the ids themselves. `source` is the time that the clock starts
    from. Without an `account` there is one with the model `example_model`.
    """

    def __init__(
        self,
        datasets: Path,
        live_ids: Path | Iterable[str],
        *,
        account: Account | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        url_expiry_seconds: int = 600,
        source: Callable[[], datetime] = system_time,
    ) -> None:
        self.account = account or Account(models=(DEFAULT_MODEL,))
        self.clock = Clock(source)
        self.rounds = Rounds(self.clock)
        self.faults = Faults()
        self._log = RequestLog()
        live = _live_ids(live_ids)
        self._submissions = Submissions(self.clock, live)
        self.diagnostics = Diagnostics(self.clock, self._submissions, live)
        folder = Datasets(datasets)
        presigner = Presigner(self.clock, url_expiry_seconds)
        self._store = ObjectStore(presigner, folder, self._submissions)
        self._api = Api(
            self.account, self.rounds, folder, self._store, self._submissions, self.diagnostics
        )
        self._drift: Drift | None = None
        self._schema = load_schema()
        self._api.bind(self._schema)
        self._admin = Admin(
            self.clock, self.rounds, self._submissions, self.diagnostics, self.faults, self._log,
            self.set_schema,
        )
        self._host = host
        self._server = Server(host, port, self.handle, self.clock.now)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Serves in the background; the port was bound at construction."""
        self._server.start()

    def stop(self) -> None:
        """Ends all connections and removes the uploads."""
        self._server.stop()
        self._submissions.close()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        """Address of the API."""
        return f"http://{self._host}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a client under test needs in its environment."""
        return {
            "ERAWISE_API_URL": self.url,
            "NUMERAI_PUBLIC_ID": self.account.public_id,
            "NUMERAI_SECRET_KEY": self.account.secret_key,
        }

    def state(self) -> dict[str, object]:
        """The same as `GET /_sandbox/state`."""
        return self._admin.state()

    def set_round(self, state: str = "open", **script: Any) -> None:
        """Scripts the round, see Rounds.script."""
        self.rounds.script(state, **script)

    def set_schema(self, **drift: Any) -> None:
        """Lets the schema drift, see drift.py; without arguments it is as it was."""
        change = Drift(**drift) if drift else None
        original = load_schema()
        schema = change.schema(schema_text()) if change else original
        self._api.bind(schema)
        if change:
            change.adjust(schema, original)
        self._drift, self._schema = change, schema

    def documents(self) -> list[str]:
        """The GraphQL documents that clients sent, each once."""
        return self._log.documents()

    def add_fault(self, action: str, **keys: object) -> None:
        """Scripts a fault: `add_fault("status", operation="dataset", status=503)`."""
        self.faults.add({"action": action, **keys})

    def handle(self, request: Request) -> tuple[Response, Delivery]:
        """One request, from the log through the faults to the part that answers."""
        if request.path.startswith(admin.PREFIX):
            return self._admin.handle(request), Delivery()
        is_api = request.path == "/" and request.method == "POST"
        call = read_call(request) if is_api else None
        entry = self._log.begin(request, call)
        fault = self.faults.take(request, call)
        response = fault.action.replace(request, call) if fault else None
        if response is None:
            response = self._answer(request, call)
            response = fault.action.change(response) if fault else response
        delivery = fault.action.deliver(response) if fault else Delivery()
        _note_outcome(entry, request, response, delivery)
        entry.fault = fault.action_name if fault else None
        return response, delivery

    def _answer(self, request: Request, call: GraphqlCall | None) -> Response:
        if call is not None:
            host = request.headers.get("Host") or f"127.0.0.1:{self.port}"
            caller = Caller(request.headers.get("Authorization"), f"http://{host}")
            return execute(self._schema, call, caller, self._drift)
        if ObjectStore.owns(request.path):
            return self._store.handle(request)
        return detail_response(404, "Not Found")


def _live_ids(source: Path | Iterable[str]) -> Callable[[], Set[str]]:
    if not isinstance(source, Path):
        ids = frozenset(source)
        return lambda: ids
    if not source.is_file():
        raise FileNotFoundError(f"no such file of live ids: {source}")
    return cache(lambda: read_live_ids(source))


def _note_outcome(entry: Entry, request: Request, response: Response, delivery: Delivery) -> None:
    entry.requestBytes = request.body.consumed
    if not delivery.silent:
        limit = delivery.limit_bytes
        entry.status = response.status
        entry.responseBytes = response.length if limit is None else min(limit, response.length)
