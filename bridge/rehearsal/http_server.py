"""A small threaded HTTP/1.1 server for one WSGI application that can also fail on the wire.

One thread per connection, up to a number; `stop` ends all of them.
"""

from __future__ import annotations

import selectors
import socket
import threading
from typing import Any
from wsgiref.types import WSGIApplication

from bridge.rehearsal.http_connection import Connection, refuse

_MOST_CONNECTIONS = 256


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
        with self._lock:
            crowded = len(self._connections) >= _MOST_CONNECTIONS
        if crowded:
            refuse(connection, 503, "Too many connections.")
            return
        thread = threading.Thread(
            target=self._serve, args=(connection, address), name="rehearsal-connection", daemon=True
        )
        with self._lock:
            self._connections[thread] = connection
        thread.start()

    def _serve(self, connection: socket.socket, address: Any) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Connection(connection, address, self)
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
