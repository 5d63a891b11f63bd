"""Scripted faults: which request is hit, how often, and by what."""

import fnmatch
import threading
from dataclasses import dataclass, field

from sandbox.fault_actions import Action, make_action
from sandbox.graphql_endpoint import GraphqlCall
from sandbox.messages import Request

KEYS = frozenset(("operation", "method", "path", "nth", "times"))


@dataclass
class Fault:
    """One script line. Its JSON form:

        {"operation": "createSubmission", "nth": 1, "times": 2, "action": "status", "status": 503}
        {"method": "GET", "path": "/numerai-datasets/*", "action": "cut", "after_bytes": 1000}

    `operation` is the name of an operation or of a root field, as the client spells it, or a
    list of such names; `method` a method, `path` a pattern for the decoded path. What is left
    out matches everything. Of the requests that match, number `nth` (from 1) and the following
    are hit, `times` in all; `"times": null` means for ever.
    """

    action_name: str
    action: Action
    operations: tuple[str, ...] = ()
    method: str | None = None
    path: str | None = None
    nth: int = 1
    times: int | None = 1
    description: dict[str, object] = field(default_factory=dict)
    matched: int = 0
    hits: int = 0

    @classmethod
    def from_json(cls, value: object) -> "Fault":
        """Reads the JSON form; ValueError says what is wrong with it."""
        if not isinstance(value, dict) or not isinstance(value.get("action"), str):
            raise ValueError("a fault is an object with the key 'action'")
        operation = value.get("operation", [])
        nth, times = value.get("nth", 1), value.get("times", 1)
        if not isinstance(nth, int) or nth < 1:
            raise ValueError("'nth' counts from 1")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise ValueError("'times' is at least 1, or null for ever")
        parameters = {k: v for k, v in value.items() if k != "action" and k not in KEYS}
        return cls(
            action_name=value["action"],
            action=make_action(value["action"], parameters),
            operations=(operation,) if isinstance(operation, str) else tuple(operation),
            method=value.get("method"),
            path=value.get("path"),
            nth=nth,
            times=times,
            description=dict(value),
        )

    def matches(self, request: Request, call: GraphqlCall | None) -> bool:
        if self.operations:
            names = {call.operation_name, *call.field_names} if call else set()
            if names.isdisjoint(self.operations):
                return False
        if self.method is not None and self.method != request.method:
            return False
        return self.path is None or fnmatch.fnmatchcase(request.path, self.path)

    def is_due(self) -> bool:
        """Whether the request that was counted last is one of those to be hit."""
        end = None if self.times is None else self.nth + self.times
        return self.matched >= self.nth and (end is None or self.matched < end)


class Faults:
    """All scripted faults, in the order in which they were added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, value: object) -> None:
        """Adds one fault or a list of them in JSON form; all or none."""
        values = value if isinstance(value, list) else [value]
        faults = [Fault.from_json(v) for v in values]
        with self._lock:
            self._faults += faults

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, request: Request, call: GraphqlCall | None) -> Fault | None:
        """The fault that hits this request: the first that is due. All that match count it."""
        with self._lock:
            due = None
            for fault in self._faults:
                if fault.matches(request, call):
                    fault.matched += 1
                    due = due or (fault if fault.is_due() else None)
            if due is not None:
                due.hits += 1
            return due

    def state(self) -> list[dict[str, object]]:
        with self._lock:
            return [{**f.description, "matched": f.matched, "hits": f.hits} for f in self._faults]
