"""What crossed the wire, for tests to look at."""

import threading
from collections import deque
from dataclasses import asdict, dataclass, field

from sandbox.graphql_endpoint import GraphqlCall
from sandbox.messages import Request

MAX_ENTRIES = 10_000  # of about 500 bytes each
MAX_DOCUMENTS = 1000


@dataclass
class Entry:
    """One request. Neither the query string (signatures) nor the key is kept."""

    number: int
    method: str
    path: str
    authorization: bool
    range: str | None
    ifRange: str | None
    operation: str | None = None
    fields: list[str] = field(default_factory=list)
    status: int | None = None  # None: no reply was sent
    requestBytes: int = 0
    responseBytes: int = 0
    fault: str | None = None


class RequestLog:
    """The requests in the order of their arrival; the oldest are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self._number = 0
        self._documents: dict[str, None] = {}

    def begin(self, request: Request, call: GraphqlCall | None) -> Entry:
        """Enters a request; the caller fills in the outcome before it sends the reply."""
        with self._lock:
            self._number += 1
            entry = Entry(
                number=self._number,
                method=request.method,
                path=request.path,
                authorization=request.has_authorization,
                range=request.headers.get("Range"),
                ifRange=request.headers.get("If-Range"),
                operation=call.operation_name if call else None,
                fields=call.field_names if call else [],
            )
            self._entries.append(entry)
            if call is not None and call.query and len(self._documents) < MAX_DOCUMENTS:
                self._documents[call.query] = None
            return entry

    def documents(self) -> list[str]:
        """The GraphQL documents that were sent, each once."""
        with self._lock:
            return list(self._documents)

    def state(self) -> list[dict[str, object]]:
        with self._lock:
            return [asdict(entry) for entry in self._entries]
