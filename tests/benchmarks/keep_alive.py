"""An HTTP/1.1 client on a bare socket that keeps its connection where the server does."""

from __future__ import annotations

import socket
from base64 import b64encode
from dataclasses import dataclass

_PIECE = 1 << 18
_TIMEOUT_SECONDS = 900
_BODILESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request got; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection to a server on loopback, opened again when the server closes it."""

    def __init__(self, port: int, login: str, password: str) -> None:
        """Remember whom to ask and as whom; nothing is opened yet."""
        pair = b64encode(f"{login}:{password}".encode()).decode()
        self._port = port
        self._fixed = f"Host: 127.0.0.1:{port}\r\nAuthorization: Basic {pair}\r\n"
        self._socket: socket.socket | None = None

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def request(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        """Send a request and read the whole answer.

        Raises:
            OSError: The server cannot be reached or hung up.
        """
        raw = body.encode()
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        head = f"{method} {path} HTTP/1.1\r\n{self._fixed}{more}Content-Length: {len(raw)}\r\n\r\n"
        message = head.encode() + raw
        kept = self._socket is not None
        try:
            return self._exchange(message)
        except ConnectionError:
            self.close()
            if not kept:
                raise
            return self._exchange(message)

    def _exchange(self, message: bytes) -> Answer:
        if self._socket is None:
            address = ("127.0.0.1", self._port)
            self._socket = socket.create_connection(address, timeout=_TIMEOUT_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(message)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        version, status = first.split(" ")[:2]
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = self._body(int(status), headers, rest)
        if version == "HTTP/1.0" or headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status=int(status), headers=headers, body=body)

    def _body(self, status: int, headers: dict[str, str], rest: bytes) -> bytes:
        if status in _BODILESS:
            return b""
        if "content-length" not in headers:
            raise ConnectionError("an answer without a length")
        length = int(headers["content-length"])
        pieces, missing = [rest], length - len(rest)
        while missing > 0:
            pieces.append(self._receive())
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def _receive(self) -> bytes:
        if self._socket is None:
            raise ConnectionError("closed")
        piece = self._socket.recv(_PIECE)
        # Otherwise a server that answers in two segments is charged for our delayed ACK.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        if not piece:
            raise ConnectionError("the server hung up")
        return piece
