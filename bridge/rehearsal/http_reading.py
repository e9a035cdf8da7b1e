"""Reading one request from a connection: a deadline for slow clients, bodies of a stated size.

Source: RFC 9112 sections 6 and 7.
"""

from __future__ import annotations

import io
import re
import socket
import time
from email.message import Message
from typing import Any

from bridge.errors import BridgeError

LARGEST_BODY = 10 * 1024 * 1024
"""Most bytes of a body; Google's answer to more is 413 as well."""

_LENGTH = re.compile(r"[0-9]{1,19}")
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")
_LONGEST_LINE = 1024
_MOST_TRAILERS = 100


class RequestRefused(BridgeError):
    """A request that is not worth reading to its end.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class DeadlineReader(io.RawIOBase):
    """The receiving side of a socket that gives every request a time of its own.

    Between requests it waits `idle` seconds; from the first byte of a request on, everything up to
    `begin` has to come within `whole` seconds, however small the pieces.

    Raises:
        TimeoutError: On reading, when the time is over.
    """

    def __init__(self, connection: socket.socket, *, idle: float, whole: float) -> None:
        self._connection = connection
        self._idle = idle
        self._whole = whole
        self._deadline: float | None = None

    def begin(self) -> None:
        """Wait for a new request."""
        self._deadline = None

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there into a buffer and return the number of bytes, 0 at the end."""
        left = self._idle if self._deadline is None else self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        count = self._connection.recv_into(buffer)
        if self._deadline is None:
            self._deadline = time.monotonic() + self._whole
        return count


def check_framing(headers: Message) -> None:
    """Look at what the head says of the body, before a byte of it is read.

    Raises:
        RequestRefused: 413 for too large a body; 400 for lengths that are none or contradict each
            other; 501 for an unknown transfer coding.
    """
    coding = headers.get_all("Transfer-Encoding", [])
    lengths = {value.strip() for value in headers.get_all("Content-Length", [])}
    if coding and (lengths or [each.strip().lower() for each in coding] != ["chunked"]):
        message = "Only chunked transfer coding is read." if not lengths else "Two lengths."
        raise RequestRefused(message, status=400 if lengths else 501)
    if len(lengths) > 1 or any(not _LENGTH.fullmatch(value) for value in lengths):
        raise RequestRefused("Invalid Content-Length.", status=400)
    if any(int(value) > LARGEST_BODY for value in lengths):
        raise _too_large()


def read_body(source: io.BufferedIOBase, headers: Message) -> bytes:
    """Return the body of a request whose head was checked.

    Raises:
        RequestRefused: 413 for too many chunks, 400 for broken ones.
        ConnectionError: The client went away before the end.
        TimeoutError: It was too slow.
    """
    if headers.get("Transfer-Encoding"):
        return _read_chunks(source)
    return _exactly(source, int(headers.get("Content-Length") or 0))


def _read_chunks(source: io.BufferedIOBase) -> bytes:
    pieces: list[bytes] = []
    total = 0
    while True:
        size = _chunk_size(source.readline(_LONGEST_LINE))
        total += size
        if total > LARGEST_BODY:
            raise _too_large()
        if size == 0:
            _skip_trailers(source)
            return b"".join(pieces)
        pieces.append(_exactly(source, size))
        if source.readline(_LONGEST_LINE) not in (b"\r\n", b"\n"):
            raise RequestRefused("A chunk has another size than it says.", status=400)


def _chunk_size(line: bytes) -> int:
    if not line:
        raise ConnectionError
    text = line.partition(b";")[0].strip()
    if not line.endswith(b"\n") or not _CHUNK_SIZE.fullmatch(text):
        raise RequestRefused("Invalid chunk size.", status=400)
    return int(text, 16)


def _skip_trailers(source: io.BufferedIOBase) -> None:
    for _ in range(_MOST_TRAILERS):
        if source.readline(_LONGEST_LINE) in (b"\r\n", b"\n", b""):
            return
    raise RequestRefused("Too many trailers.", status=400)


def _exactly(source: io.BufferedIOBase, length: int) -> bytes:
    read = source.read(length)
    if len(read) < length:
        # Half a body must not be taken for a whole one.
        raise ConnectionError
    return read


def _too_large() -> RequestRefused:
    return RequestRefused("Request Too Large", status=413)
