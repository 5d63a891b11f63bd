"""HTTP/1.1 with keep-alive on a thread per connection, and the delivery of faulty replies."""

import contextlib
import socket
import struct
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sandbox.fault_actions import Delivery, End
from sandbox.messages import CHUNK_BYTES, FileSlice, IncompleteBody, Request, RequestBody, Response

LINGER_SECONDS = 2.0

type Application = Callable[[Request], tuple[Response, Delivery]]


class Server(ThreadingHTTPServer):
    """Serves an application until `stop`; port 0 takes a free one."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self, host: str, port: int, application: Application, now: Callable[[], datetime]
    ) -> None:
        super().__init__((host, port), Handler)
        self.application = application
        self.now = now
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def start(self) -> None:
        """Serves in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the listener, all stalls and all connections; a second call does nothing."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._lock:
            for connection in self._connections:
                _shut_down(connection)

    def process_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request) -> None:  # type: ignore[no-untyped-def]
        with self._lock:
            self._connections.discard(request)
        if not _resets_on_close(request):
            _shut_down(request)
        self.close_request(request)

    def handle_error(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """A client that went away is an everyday event; anything else is reported."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Turns a connection into requests and responses."""

    protocol_version = "HTTP/1.1"
    # Without this a reply in two packets waits 40 ms for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        declared = self.headers.get("Content-Length")
        if declared is not None and not declared.isdecimal():
            self.send_error(400)
            return
        chunked = "Transfer-Encoding" in self.headers
        if chunked or (declared is None and self.command in ("PUT", "POST")):
            length = None
        else:
            length = int(declared or 0)
        self.close_connection = self.close_connection or chunked
        try:
            body = RequestBody(self.rfile, length)
            self._answer(Request(self.command, self.path, self.headers, body))
            if chunked:
                self._read_away()
        except IncompleteBody:
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve

    def _answer(self, request: Request) -> None:
        response, delivery = self.server.application(request)
        try:
            if delivery.end is not End.RESET:
                request.body.drain()
            self._deliver(response, delivery)
        finally:
            response.close()

    def _read_away(self) -> None:
        """Takes what a client still sends after a refusal.

        To close with unread bytes would reset the connection, and the reply could be lost.
        """
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(LINGER_SECONDS)
        with contextlib.suppress(OSError):
            while self.rfile.read1(CHUNK_BYTES):
                pass

    def _deliver(self, response: Response, delivery: Delivery) -> None:
        if delivery.stall_after_bytes is None:
            self._stall(delivery.stall_seconds)
        if not delivery.silent:
            self._send_head(response, delivery)
            if self.command != "HEAD":
                self._send_body(response.body, delivery)
        if delivery.end is not End.KEEP:
            self.close_connection = True
        if delivery.end is End.RESET:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _send_head(self, response: Response, delivery: Delivery) -> None:
        declared = delivery.declared_length
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(response.length if declared is None else declared))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _send_body(self, body: bytes | FileSlice, delivery: Delivery) -> None:
        length = body.length if isinstance(body, FileSlice) else len(body)
        end = length if delivery.limit_bytes is None else min(length, delivery.limit_bytes)
        pause = delivery.stall_after_bytes
        if delivery.piece_bytes is not None:
            self._send_slowly(body, end, delivery.piece_bytes, delivery.pause_seconds)
        elif pause is not None and pause < end:
            self._send_part(body, 0, pause)
            self._stall(delivery.stall_seconds)
            self._send_part(body, pause, end)
        else:
            self._send_part(body, 0, end)

    def _send_part(self, body: bytes | FileSlice, start: int, end: int) -> None:
        if end <= start:
            return
        if isinstance(body, FileSlice):
            self.connection.sendfile(body.file, body.offset + start, end - start)
        else:
            self.wfile.write(body[start:end])

    def _send_slowly(
        self, body: bytes | FileSlice, end: int, piece_bytes: int, pause_seconds: float
    ) -> None:
        for start in range(0, end, piece_bytes):
            self._send_part(body, start, min(start + piece_bytes, end))
            self._stall(pause_seconds)

    def _stall(self, seconds: float) -> None:
        if seconds > 0:
            self.server.stopping.wait(seconds)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header tells the sandbox's time, not the machine's."""
        return format_datetime(self.server.now(), usegmt=True)

    def version_string(self) -> str:
        return "sandbox"

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the request log is the record."""


def _shut_down(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _resets_on_close(connection: socket.socket) -> bool:
    """Whether a reset was asked for; a shutdown would send an orderly end before it."""
    value = connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
    return struct.unpack("ii", value) == (1, 0)
