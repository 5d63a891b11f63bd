"""What a fault does to a request.

An action may answer in the place of the sandbox (`replace`), and it may change how the answer
is delivered (`deliver`). Its fields are the parameters of the JSON form.
"""

import dataclasses
import os
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from pathlib import Path

from sandbox.graphql_endpoint import GraphqlCall
from sandbox.messages import Request, Response, detail_response, json_response
from sandbox.s3_error import S3Error


class End(Enum):
    """What becomes of the connection."""

    KEEP = "keep"
    CLOSE = "close"
    RESET = "reset"


@dataclass(frozen=True)
class Delivery:
    """How a response is sent: by default completely and as it is."""

    end: End = End.KEEP
    silent: bool = False  # not even a status line
    limit_bytes: int | None = None  # bytes of the body that are sent
    declared_length: int | None = None  # Content-Length, where it is not that of the body
    stall_seconds: float = 0.0
    stall_after_bytes: int | None = None  # None: before the status line
    piece_bytes: int | None = None  # the body in pieces, with pauses behind them
    pause_seconds: float = 0.0


class Action:
    """A fault that changes nothing; the base of all others."""

    def replace(self, request: Request, call: GraphqlCall | None) -> Response | None:
        """The response in the place of the sandbox's own; None lets the sandbox act."""
        return None

    def change(self, response: Response) -> Response:
        """The response in the place of the one of a sandbox that acted."""
        return response

    def deliver(self, response: Response) -> Delivery:
        return Delivery()


@dataclass(frozen=True)
class Status(Action):
    """An HTTP status without any effect on the sandbox, e.g. 503 with Retry-After."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None

    def __post_init__(self) -> None:
        HTTPStatus(self.status)

    def replace(self, request: Request, call: GraphqlCall | None) -> Response:
        phrase = HTTPStatus(self.status).phrase
        if self.body is not None:
            response = Response(self.status, {}, self.body.encode())
        elif call is not None:
            response = detail_response(self.status, phrase)
        else:
            response = S3Error(self.status, phrase.replace(" ", ""), phrase).response()
        response.headers.update(self.headers)
        return response


@dataclass(frozen=True)
class Reset(Action):
    """Resets the connection before the request has any effect.

    `after_request_bytes` of the request's body are read first.
    """

    after_request_bytes: int = 0

    def replace(self, request: Request, call: GraphqlCall | None) -> Response:
        for _ in request.body.chunks(self.after_request_bytes):
            pass
        return Response(500)

    def deliver(self, response: Response) -> Delivery:
        return Delivery(end=End.RESET, silent=True)


@dataclass(frozen=True)
class Cut(Action):
    """Sends the headers and some bytes of the body, then closes or resets the connection."""

    after_bytes: int
    reset: bool = False

    def deliver(self, response: Response) -> Delivery:
        return Delivery(End.RESET if self.reset else End.CLOSE, limit_bytes=self.after_bytes)


@dataclass(frozen=True)
class Truncate(Action):
    """A body that ends early although status and Content-Length say that it is whole."""

    bytes: int

    def deliver(self, response: Response) -> Delivery:
        kept = min(self.bytes, response.length)
        return Delivery(limit_bytes=kept, declared_length=kept)


@dataclass(frozen=True)
class WrongLength(Action):
    """A Content-Length that differs from the body by `delta`."""

    delta: int

    def deliver(self, response: Response) -> Delivery:
        return Delivery(End.CLOSE, declared_length=max(0, response.length + self.delta))


@dataclass(frozen=True)
class Stall(Action):
    """Waits before the reply, or after some bytes of its body."""

    seconds: float = 600.0
    after_bytes: int | None = None

    def deliver(self, response: Response) -> Delivery:
        return Delivery(stall_seconds=self.seconds, stall_after_bytes=self.after_bytes)


@dataclass(frozen=True)
class Slow(Action):
    """Sends the body in pieces, with a pause behind each."""

    piece_bytes: int
    seconds: float

    def deliver(self, response: Response) -> Delivery:
        return Delivery(piece_bytes=self.piece_bytes, pause_seconds=self.seconds)


@dataclass(frozen=True)
class IgnoreRange(Action):
    """Sends the whole object with 200, although a part of it was asked for."""

    def replace(self, request: Request, call: GraphqlCall | None) -> None:
        del request.headers["Range"]


@dataclass(frozen=True)
class WrongRange(Action):
    """Sends the part that was asked for, but says that it is another."""

    def change(self, response: Response) -> Response:
        if "Content-Range" in response.headers:
            response.headers["Content-Range"] = "bytes 0-1/2"
        return response


@dataclass(frozen=True)
class Touch(Action):
    """Replaces a file before the request is answered: the same bytes as another object."""

    file: str

    def replace(self, request: Request, call: GraphqlCall | None) -> None:
        path = Path(self.file)
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


@dataclass(frozen=True)
class ActThenStatus(Action):
    """The sandbox acts (stores, creates), but answers with an error."""

    status: int

    def change(self, response: Response) -> Response:
        response.close()
        return detail_response(self.status, HTTPStatus(self.status).phrase)


@dataclass(frozen=True)
class DropReply(Action):
    """The sandbox acts (stores, creates), but the reply is lost."""

    reset: bool = False

    def deliver(self, response: Response) -> Delivery:
        return Delivery(End.RESET if self.reset else End.CLOSE, silent=True)


@dataclass(frozen=True)
class GraphqlErrors(Action):
    """`errors` as given, a list or a dictionary, without any effect on the sandbox."""

    errors: list[object] | dict[str, object]
    data: object = None
    status: int = 200

    def replace(self, request: Request, call: GraphqlCall | None) -> Response:
        return json_response({"data": self.data, "errors": self.errors}, self.status)


@dataclass(frozen=True)
class NullData(Action):
    """A success with `data: null`, or with null in each asked field."""

    in_fields: bool = False

    def replace(self, request: Request, call: GraphqlCall | None) -> Response:
        nulls = {alias: None for alias, _ in call.fields} if call else {}
        return json_response({"data": nulls if self.in_fields else None})


@dataclass(frozen=True)
class UnknownField(Action):
    """Refuses the root fields as if the schema did not know them; match the camelCase names."""

    def replace(self, request: Request, call: GraphqlCall | None) -> Response:
        names = call.field_names if call else []
        message = 'Cannot query field "{}" on type "RootQueryType".'
        return json_response({"errors": [{"message": message.format(name)} for name in names]})


@dataclass(frozen=True)
class Html(Action):
    """A page of some proxy in the place of the answer."""

    status: int = 200

    def replace(self, request: Request, call: GraphqlCall | None) -> Response:
        page = b"<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"
        return Response(self.status, {"Content-Type": "text/html"}, page)


ACTIONS: dict[str, type[Action]] = {
    "status": Status,
    "reset": Reset,
    "cut": Cut,
    "truncate": Truncate,
    "wrong_length": WrongLength,
    "stall": Stall,
    "slow": Slow,
    "ignore_range": IgnoreRange,
    "wrong_range": WrongRange,
    "touch": Touch,
    "act_then_status": ActThenStatus,
    "drop_reply": DropReply,
    "graphql_errors": GraphqlErrors,
    "null_data": NullData,
    "unknown_field": UnknownField,
    "html": Html,
}


def make_action(name: str, parameters: dict[str, object]) -> Action:
    """Builds an action; ValueError names what is allowed."""
    if name not in ACTIONS:
        raise ValueError(f"unknown action '{name}'; known are {', '.join(ACTIONS)}")
    action = ACTIONS[name]
    allowed = {f.name for f in dataclasses.fields(action)}  # type: ignore[arg-type]
    unknown = parameters.keys() - allowed
    if unknown:
        raise ValueError(f"action '{name}' takes {sorted(allowed)}, not {sorted(unknown)}")
    try:
        return action(**parameters)
    except TypeError as error:
        raise ValueError(f"action '{name}': {error}") from None
