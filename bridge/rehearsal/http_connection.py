"""One connection of the HTTP server: requests in, answers out, or a failure on the wire.

Ready-made servers always deliver the answer they were given. This one obeys the answer's
`X-Rehearsal-Delivery` header (never sent on), so that an application can ask for a connection that
is reset, hangs, or breaks off in the middle of a body. What is no readable request is refused in
Google's form.
"""

from __future__ import annotations

import io
import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.types import StartResponse, WSGIApplication

from bridge.rehearsal.google_error import unreadable_request
from bridge.rehearsal.http_reading import (
    DeadlineReader,
    RequestRefused,
    check_framing,
    read_body,
)

DELIVERY_HEADER = "X-Rehearsal-Delivery"
RESET, HANG, CUT = "reset", "hang", "cut"

_IDLE_SECONDS = 75.0
_READ_SECONDS = 30.0
_WRITE_SECONDS = 60.0
_LONGEST_HANG_SECONDS = 600.0
_LINGER_SECONDS = 2.0
_NO_BODY = frozenset({204, 304})
_REFUSAL_HEADERS = [
    ("Content-Type", "application/json; charset=UTF-8"),
    ("Connection", "close"),
]


class Server(Protocol):
    """What a connection needs of its server."""

    application: WSGIApplication
    stopping: threading.Event

    @property
    def port(self) -> int:
        """The port that is listened on."""


def refuse(connection: socket.socket, status: int, message: str) -> None:
    """Answer a connection in Google's form without reading from it, and close it."""
    try:
        connection.settimeout(_LINGER_SECONDS)
        connection.sendall(_message(status, _REFUSAL_HEADERS, _refusal(status, message)))
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        # The peer went away first.
        pass
    finally:
        connection.close()


class _Answer:
    """Collects what an application gives to `start_response`."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[str, str]] = []
        self.delivery = ""

    def start(
        self, status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        """Take status and headers of the answer."""
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name, value) for name, value in headers if name != DELIVERY_HEADER]
        self.delivery = next((value for name, value in headers if name == DELIVERY_HEADER), "")
        return _no_write


def _no_write(_data: bytes) -> object:
    raise NotImplementedError("the application returns its body")


class Connection(BaseHTTPRequestHandler):
    """One connection; making it answers its requests until it ends.

    Args:
        connection: The socket.
        address: Of the client.
        server: Whose application answers.
    """

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    connection: socket.socket

    def __init__(self, connection: socket.socket, address: Any, server: Server) -> None:
        self._server = server
        # The base class only keeps the server as an attribute, whatever its type.
        super().__init__(connection, address, server)  # type: ignore[arg-type]  # see above

    def setup(self) -> None:
        """Read through a deadline instead of the base class's endless patience."""
        super().setup()
        self.rfile.close()
        self._reader = DeadlineReader(self.connection, idle=_IDLE_SECONDS, whole=_READ_SECONDS)
        self.rfile = io.BufferedReader(self._reader)

    def handle_one_request(self) -> None:
        """Read and answer one request; a client that is too slow or gone ends the connection."""
        self._reader.begin()
        super().handle_one_request()

    def __getattr__(self, name: str) -> Callable[[], None]:
        # The base class looks up `do_GET`, `do_PROPFIND` ...; all methods go to the application.
        if name.startswith("do_"):
            return self._exchange
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - name of the base class
        """Write nothing: the request log is the application's."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what the base class could not read: over-long lines, odd versions, nonsense."""
        if code == 501:  # noqa: PLR2004 - an HTTP status; no method is unknown to us
            code = 400
        self._refuse(code, message or explain or responses.get(code, "Bad Request"))

    def handle_expect_100(self) -> bool:
        """Ask for the body (RFC 9110 section 10.1.1) unless it would be refused anyway."""
        try:
            check_framing(self.headers)
        except RequestRefused as refused:
            self._refuse(refused.status, str(refused))
            return False
        return super().handle_expect_100()

    def _exchange(self) -> None:
        try:
            check_framing(self.headers)
            body = read_body(self.rfile, self.headers)
        except RequestRefused as refused:
            self._refuse(refused.status, str(refused))
            return
        except TimeoutError:
            self._refuse(408, "The request came too slowly.")
            return
        answer = _Answer()
        start: StartResponse = answer.start
        parts = self._server.application(self._environment(body), start)
        try:
            content = b"".join(parts)
        finally:
            _close(parts)
        self._deliver(answer, content)

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True
        self.connection.settimeout(_WRITE_SECONDS)
        head_only = getattr(self, "command", None) == "HEAD"
        content = _refusal(status, message)
        sent = _message(status, _REFUSAL_HEADERS, content, is_head=head_only)
        self.connection.sendall(sent)
        self._linger()

    def _linger(self) -> None:
        """Let the client read the answer although it still sends (RFC 9112 section 9.6)."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(_LINGER_SECONDS)
        deadline = time.monotonic() + _LINGER_SECONDS
        try:
            while time.monotonic() < deadline and self.connection.recv(65536):
                pass
        except TimeoutError:
            return

    def _environment(self, body: bytes) -> dict[str, Any]:
        target = _origin_form(self.path)
        path, _, query = target.partition("?")
        environment: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": _unquoted(path),
            "REQUEST_URI": target,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self._server.port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if self.headers.get("Content-Type"):
            environment["CONTENT_TYPE"] = self.headers["Content-Type"]
        for name, value in self.headers.items():
            # The body has been put together; nobody shall look for chunks again.
            if name.lower() != "transfer-encoding":
                environment.setdefault(f"HTTP_{name.upper().replace('-', '_')}", value)
        return environment

    def _deliver(self, answer: _Answer, content: bytes) -> None:
        if answer.delivery == RESET:
            self._reset()
        elif answer.delivery == HANG:
            self._hang()
        elif answer.delivery == CUT:
            self.close_connection = True
            self._send(answer, content, sent=len(content) // 2)
        else:
            self._send(answer, content)

    def _send(self, answer: _Answer, content: bytes, *, sent: int | None = None) -> None:
        headers = [*answer.headers, ("Date", self.date_time_string())]
        if self.close_connection:
            headers.append(("Connection", "close"))
        raw = _message(answer.status, headers, content, is_head=self.command == "HEAD")
        self.connection.settimeout(_WRITE_SECONDS)
        # One piece, so that no packet waits for the acknowledgement of the one before.
        self.connection.sendall(raw if sent is None else raw[: len(raw) - len(content) + sent])

    def _reset(self) -> None:
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        # Reading side first: the base class still flushes and closes its files.
        self.connection.close()

    def _hang(self) -> None:
        self.close_connection = True
        self.connection.settimeout(0.2)
        for _ in range(int(_LONGEST_HANG_SECONDS / 0.2)):
            if self._server.stopping.is_set():
                return
            try:
                if not self.connection.recv(1024):
                    return
            except TimeoutError:
                continue


def _message(
    status: int, headers: list[tuple[str, str]], content: bytes, *, is_head: bool = False
) -> bytes:
    lines = [f"HTTP/1.1 {status} {responses.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers if name != "Content-Length"]
    if status not in _NO_BODY:
        lines.append(f"Content-Length: {len(content)}")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return head if is_head or status in _NO_BODY else head + content


def _refusal(status: int, message: str) -> bytes:
    return json.dumps(unreadable_request(status, message).body()).encode()


def _origin_form(target: str) -> str:
    """Return path and query of a target, which may be a whole address (RFC 9112 section 3.2.2)."""
    if target.startswith("/") or "://" not in target:
        return target
    parts = urlsplit(target)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _close(parts: Iterable[bytes]) -> None:
    close = getattr(parts, "close", None)
    if close is not None:
        close()


def _unquoted(path: str) -> str:
    return unquote_to_bytes(path.encode("latin-1")).decode("latin-1")
