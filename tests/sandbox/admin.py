"""The endpoints under `/_sandbox/`: state to read, rounds, diagnostics, faults, schema and
time to script."""

import json
from collections.abc import Callable

from sandbox.clock import Clock, iso
from sandbox.diagnostics import Diagnostics
from sandbox.faults import Faults
from sandbox.messages import Request, Response, json_response
from sandbox.request_log import RequestLog
from sandbox.rounds import Rounds
from sandbox.submissions import Submissions

PREFIX = "/_sandbox/"


class Admin:
    """What tests see and turn; the same from within Python and over HTTP."""

    def __init__(
        self,
        clock: Clock,
        rounds: Rounds,
        submissions: Submissions,
        diagnostics: Diagnostics,
        faults: Faults,
        log: RequestLog,
        set_schema: Callable[..., None],
    ) -> None:
        self._clock = clock
        self._rounds = rounds
        self._submissions = submissions
        self._diagnostics = diagnostics
        self._faults = faults
        self._log = log
        self._set_schema = set_schema

    def state(self) -> dict[str, object]:
        """Everything that happened, as plain JSON values."""
        return {
            "now": iso(self._clock.now()),
            "round": self._rounds.scripted.as_graphql(),
            **self._submissions.state(),
            **self._diagnostics.state(),
            "faults": self._faults.state(),
            "requests": self._log.state(),
        }

    def handle(self, request: Request) -> Response:
        """Answers a request below PREFIX; what it cannot use is a 400 that says why."""
        action = request.path.removeprefix(PREFIX)
        try:
            match request.method, action:
                case "GET", "state":
                    return json_response(self.state())
                case "GET", "faults":
                    return json_response(self._faults.state())
                case "DELETE", "faults":
                    self._faults.clear()
                case "POST", "faults":
                    self._faults.add(_read_json(request))
                case "POST", "round":
                    self._rounds.script(**_read_json(request))
                case "POST", "diagnostics":
                    self._diagnostics.script(**_read_json(request))
                case "POST", "schema":
                    self._set_schema(**_read_json(request))
                case "POST", "clock":
                    self._clock.advance(**_read_json(request))
                case _:
                    return json_response({"error": f"no {request.method} {action}"}, 404)
        except (ValueError, TypeError) as error:
            return json_response({"error": str(error)}, 400)
        return json_response({"ok": True})


def _read_json(request: Request):  # type: ignore[no-untyped-def]  # JSON may be anything
    return json.loads(b"".join(request.body.chunks()))
