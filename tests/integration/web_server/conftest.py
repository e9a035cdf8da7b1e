"""Our gunicorn worker, run in a thread of the test over a listening socket of its own."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gunicorn.config import Config

if sys.platform == "linux":
    from bridge.cli.web_worker import SharedPollWorker
else:  # it is for epoll only
    collect_ignore = ["test_web_worker.py"]


class Quiet:
    """Stands in for gunicorn's log and remembers what it was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def exception(self, message: str, *values: Any) -> None:
        """Remember an error."""
        self.lines.append(message % values)

    def access(self, *_: Any) -> None:
        """Keep no record of requests."""

    debug = warning = access


def until_end(wire: socket.socket) -> bytes:
    """Return everything up to the end of a connection."""
    pieces = []
    while piece := wire.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


class Served:
    """A running worker and ways to speak to it."""

    def __init__(self, application: Callable[..., Any], **options: Any) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.listener.setblocking(False)
        self.log = Quiet()
        cfg = Config()
        for name, value in {
            "threads": 4,
            "keepalive": 30,
            "graceful_timeout": 3,
            **options,
        }.items():
            cfg.set(name, value)
        # What gunicorn's arbiter does before and after the fork, without signals.
        self.worker = SharedPollWorker(1, os.getppid(), [self.listener], None, 30, cfg, self.log)
        self.worker.wsgi = application
        self.worker.PIPE = os.pipe()
        for end in self.worker.PIPE:
            os.set_blocking(end, False)
        self.thread = threading.Thread(target=self.worker.run, daemon=True)
        self.thread.start()

    def open(self) -> socket.socket:
        """Return a new connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def ask(self, wire: socket.socket, path: str, body: bytes = b"", more: str = "") -> None:
        """Send a request without waiting for its answer."""
        head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        wire.sendall(head.encode() + body)

    def get(self, path: str = "/") -> bytes:
        """Return the whole answer to a request of its own connection."""
        with self.open() as wire:
            self.ask(wire, path, more="Connection: close\r\n")
            return until_end(wire)

    until_end = staticmethod(until_end)

    def tell_to_end(self) -> None:
        """Do what SIGTERM does."""
        self.worker.handle_exit(15, None)
        os.write(self.worker.PIPE[1], b"t")

    def end(self) -> None:
        """End it and close what gunicorn would leave to the end of the process."""
        self.tell_to_end()
        self.thread.join(10)
        self.listener.close()
        self.worker.tmp.close()
        for end in self.worker.PIPE:
            os.close(end)
        assert not self.thread.is_alive()


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Start workers that end with the test."""
    running: list[Served] = []

    def begin(application: Callable[..., Any], **options: Any) -> Served:
        running.append(Served(application, **options))
        return running[-1]

    yield begin
    for served in running:
        served.end()
