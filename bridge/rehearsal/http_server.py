"""A small threaded HTTP/1.1 server for one WSGI application that can also fail on the wire.

Ready-made servers always deliver the answer they were given. This one obeys the answer's
`X-Rehearsal-Delivery` header (never sent on), so that an application can ask for a connection that
is reset, hangs, or breaks off in the middle of a body. One thread per connection; `stop` ends all
of them.
"""

from __future__ import annotations

import io
import selectors
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication

DELIVERY_HEADER = "X-Rehearsal-Delivery"
RESET, HANG, CUT = "reset", "hang", "cut"

_IDLE_SECONDS = 75.0
_LARGEST_BODY = 32 * 1024 * 1024
_LONGEST_HANG_SECONDS = 600.0
_NO_BODY = frozenset({204, 304})


class HttpServer:
    """A listening socket, a thread that accepts, and one thread per connection.

    Args:
        application: What answers.
        host: Address to listen on.
        port: Port, 0 for any free one.
    """

    def __init__(self, application: WSGIApplication, *, host: str, port: int) -> None:
        self.application = application
        self.stopping = threading.Event()
        self._listener = socket.create_server((host, port), backlog=128)
        self._wake_in, self._wake_out = socket.socketpair()
        self._accepting: threading.Thread | None = None
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, socket.socket] = {}

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        """Begin to answer, in the background."""
        self._accepting = threading.Thread(target=self._accept, name="rehearsal", daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        """End all connections and threads and close the port. A second call does nothing."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        self._wake_in.send(b"x")
        if self._accepting is not None:
            self._accepting.join(5)
        with self._lock:
            open_connections = dict(self._connections)
        for connection in open_connections.values():
            _shut(connection)
        for thread in open_connections:
            thread.join(5)
        for end in (self._listener, self._wake_in, self._wake_out):
            end.close()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._wake_out, selectors.EVENT_READ)
            while True:
                selector.select()
                if self.stopping.is_set():
                    return
                try:
                    connection, address = self._listener.accept()
                except OSError:
                    # The peer gave up between select and accept; the next one may not.
                    continue
                self._begin(connection, address)

    def _begin(self, connection: socket.socket, address: Any) -> None:
        thread = threading.Thread(
            target=self._serve, args=(connection, address), name="rehearsal-connection", daemon=True
        )
        with self._lock:
            self._connections[thread] = connection
        thread.start()

    def _serve(self, connection: socket.socket, address: Any) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Connection(connection, address, self)
        except OSError:
            # The peer went away, or `stop` shut the connection: there is nobody left to answer.
            pass
        finally:
            _shut(connection)
            connection.close()
            with self._lock:
                self._connections.pop(threading.current_thread(), None)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # Already closed by either side, which is what is wanted.
        return


class _Answer:
    """Collects what an application gives to `start_response`."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[str, str]] = []
        self.delivery = ""

    def start(
        self, status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name, value) for name, value in headers if name != DELIVERY_HEADER]
        self.delivery = next((value for name, value in headers if name == DELIVERY_HEADER), "")
        return _no_write


def _no_write(_data: bytes) -> object:
    raise NotImplementedError("the application returns its body")


class _Connection(BaseHTTPRequestHandler):
    """One connection; `handle` of the base class loops over its requests."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    connection: socket.socket

    def __init__(self, connection: socket.socket, address: Any, server: HttpServer) -> None:
        self._server = server
        # The base class only keeps the server as an attribute, whatever its type.
        super().__init__(connection, address, server)  # type: ignore[arg-type]  # see above

    def __getattr__(self, name: str) -> Callable[[], None]:
        # The base class looks up `do_GET`, `do_PROPFIND` ...; all methods go to the application.
        if name.startswith("do_"):
            return self._exchange
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - name of the base class
        """Write nothing: the request log is the application's."""

    def _exchange(self) -> None:
        body = self._read_body()
        if body is None:
            return
        answer = _Answer()
        start: StartResponse = answer.start
        parts = self._server.application(self._environment(body), start)
        try:
            content = b"".join(parts)
        finally:
            _close(parts)
        self._deliver(answer, content)

    def _read_body(self) -> bytes | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= _LARGEST_BODY:
            self._refuse(413 if length > 0 else 400)
            return None
        return self.rfile.read(length)

    def _read_chunks(self) -> bytes | None:
        pieces: list[bytes] = []
        total = 0
        while True:
            try:
                size = int(self.rfile.readline(1024).split(b";")[0], 16)
            except ValueError:
                size = -1
            total += size
            if size < 0 or total > _LARGEST_BODY:
                self._refuse(413 if size >= 0 else 400)
                return None
            pieces.append(self.rfile.read(size))
            self.rfile.readline(1024)
            if size == 0:
                return b"".join(pieces)

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        self._send(status, [("Connection", "close")], b"")

    def _environment(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environment: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": _unquoted(path),
            "REQUEST_URI": self.path,
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
            self._send(answer.status, answer.headers, content, sent=len(content) // 2)
        else:
            self._send(answer.status, answer.headers, content)

    def _send(
        self,
        status: int,
        headers: list[tuple[str, str]],
        content: bytes,
        *,
        sent: int | None = None,
    ) -> None:
        lines = [f"HTTP/1.1 {status} {responses.get(status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers if name != "Content-Length"]
        lines.append(f"Date: {self.date_time_string()}")
        if status not in _NO_BODY:
            lines.append(f"Content-Length: {len(content)}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if self.command == "HEAD" or status in _NO_BODY:
            content = b""
        # One piece, so that no packet waits for the acknowledgement of the one before.
        self.connection.sendall(head + content[:sent])

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


def _close(parts: Iterable[bytes]) -> None:
    close = getattr(parts, "close", None)
    if close is not None:
        close()


def _unquoted(path: str) -> str:
    return unquote_to_bytes(path).decode("latin-1")
