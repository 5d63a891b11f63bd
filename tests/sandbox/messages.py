"""HTTP requests and responses as plain values; the server reads and writes them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import BinaryIO, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

CHUNK_BYTES = 256 * 1024


class Readable(Protocol):
    """Where a request body comes from."""

    def read(self, size: int, /) -> bytes: ...


class IncompleteBody(Exception):
    """The client stopped before it had sent as many bytes as it had declared."""


class RequestBody:
    """A body of known length, read once, in chunks; `length` is None for a chunked one."""

    def __init__(self, source: Readable, length: int | None) -> None:
        self._source = source
        self.length = length
        self.consumed = 0

    def chunks(self, limit: int | None = None) -> Iterator[bytes]:
        """What is left of the body, at most `limit` bytes."""
        end = self.length or 0
        if limit is not None:
            end = min(end, self.consumed + limit)
        while self.consumed < end:
            chunk = self._source.read(min(CHUNK_BYTES, end - self.consumed))
            if not chunk:
                raise IncompleteBody
            self.consumed += len(chunk)
            yield chunk

    def drain(self) -> None:
        """Reads the rest away, so that the reply reaches the client before the close."""
        for _ in self.chunks():
            pass


@dataclass
class Request:
    """One request; `target` is path and query as they came."""

    method: str
    target: str
    headers: Message  # names are not case-sensitive
    body: RequestBody

    @property
    def path(self) -> str:
        """The decoded path, without the query."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def has_authorization(self) -> bool:
        return self.headers.get("Authorization") is not None


@dataclass
class FileSlice:
    """A part of an open file; owns the file."""

    file: BinaryIO
    offset: int
    length: int


@dataclass
class Response:
    """One response; the server adds Content-Length from the body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | FileSlice = b""

    @property
    def length(self) -> int:
        return self.body.length if isinstance(self.body, FileSlice) else len(self.body)

    def close(self) -> None:
        if isinstance(self.body, FileSlice):
            self.body.file.close()


def json_response(value: object, status: int = 200) -> Response:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return Response(status, headers, json.dumps(value).encode())


def detail_response(status: int, detail: str) -> Response:
    """An error below GraphQL: the API then answers with a dictionary, not a list."""
    return json_response({"errors": {"detail": detail}}, status)
