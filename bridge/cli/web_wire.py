"""A connection's socket as gunicorn's parser and response use it, bounded in time.

Every read has the deadline of what is being read, so that a client that sends a byte now and then
does not hold a thread for good. The head of an answer waits for the first piece of its body: one
system call and one packet instead of two.
"""

from __future__ import annotations

import socket
import time

_JOIN_BYTES = 64 * 1024
_SEND_SECONDS = 120.0


class Wire:
    """Reads and writes one connection.

    Attributes:
        socket: The connected socket.
        broken: The client left, or was too slow; there is nobody to answer.
        started: Something of the present answer was sent.
    """

    __slots__ = ("_deadline", "_held", "_waits", "broken", "socket", "started")

    def __init__(self, connected: socket.socket) -> None:
        """Take a connected socket."""
        self.socket = connected
        self.broken = False
        self.started = False
        self._deadline = 0.0
        self._waits = False
        self._held = b""

    def begin(self) -> None:
        """Expect a request and its answer."""
        self.started = False
        self._waits = True
        self._held = b""

    def expect(self, seconds: float) -> None:
        """Give all reads from now on this long together."""
        self._deadline = time.monotonic() + seconds

    def recv(self, size: int) -> bytes:
        """Return what there is, at most `size` bytes; nothing at the end.

        Raises:
            OSError: The connection is lost or, as TimeoutError, the time is over.
        """
        try:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the client is too slow")
            self.socket.settimeout(left)
            return self.socket.recv(size)
        except OSError:
            self.broken = True
            raise

    def send(self, data: bytes) -> None:
        """Send an interim answer (100) at once.

        Raises:
            OSError: The connection is lost.
        """
        self._send(data)

    def sendall(self, data: bytes) -> None:
        """Send a piece of the answer; the first piece waits for the second one or for `flush`.

        Raises:
            OSError: The connection is lost.
        """
        if self._waits:
            self._waits, self._held = False, data
            return
        held, self._held = self._held, b""
        self.started = True
        if held and len(data) > _JOIN_BYTES:
            self._send(held)
            self._send(data)
        else:
            self._send(held + data)

    def flush(self) -> None:
        """Send what still waits.

        Raises:
            OSError: The connection is lost.
        """
        held, self._held = self._held, b""
        if held:
            self.started = True
            self._send(held)

    def _send(self, data: bytes) -> None:
        try:
            self.socket.settimeout(_SEND_SECONDS)
            self.socket.sendall(data)
        except OSError:
            self.broken = True
            raise
