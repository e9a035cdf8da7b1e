"""A worker for gunicorn whose threads take turns at one epoll.

gunicorn's own threaded worker reads no request where it sees one: its main thread waits, hands the
connection to a pool and gets it back by a pipe, so that each request wakes three times and pays
for the interpreter lock each time. Here the thread that is woken for a request also answers it
(leader and followers). Parsing, environment, answers, error pages, time-outs of a hung process and
all that concerns processes stay gunicorn's. Linux only, for epoll(7).

Who has a connection: it is in `_parked` while it waits for a request, and whoever pops it there
owns it. An event for a connection that is not parked is nobody's.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]  # ships no types; wrapped here
from gunicorn.http import get_parser  # type: ignore[import-untyped]  # ships no types
from gunicorn.http.errors import NoMoreData  # type: ignore[import-untyped]  # ships no types
from gunicorn.http.wsgi import create  # type: ignore[import-untyped]  # ships no types
from gunicorn.workers.base import Worker  # type: ignore[import-untyped]  # ships no types

from bridge.cli.web_wire import Wire

_TURN_SECONDS = 1.0
_LINGER_SECONDS = 0.5
_LOOK_SECONDS = 0.05
_HEAD_SECONDS = 10.0
_REST_SECONDS = 5.0
_WAITING = select.EPOLLIN | select.EPOLLONESHOT


@dataclass(slots=True, eq=False, kw_only=True)
class _Connection:
    """A client's connection.

    Attributes:
        client: Its address, as `accept` gives it.
        server: Our address.
        parser: gunicorn's, over the wire.
        unread: Whether something of a request was left unread.
        since: When it began to wait for a request, in monotonic seconds.
    """

    wire: Wire
    client: Any
    server: Any
    parser: Any
    unread: bool = False
    since: float = field(default_factory=time.monotonic)


class SharedPollWorker(Worker):  # type: ignore[misc]  # an untyped library's base
    """Serves connections with threads; one process of the server.

    Attributes:
        alive: Whether new requests are waited for; gunicorn's signal handler ends it.
    """

    alive: bool

    def run(self) -> None:
        """Serve until told to stop, then end what is under way."""
        self._poll = select.epoll()
        self._listeners = {each.fileno(): each for each in self.sockets}
        self._parked: dict[int, _Connection] = {}
        self._open: set[_Connection] = set()
        self._ended, end = os.pipe()
        self._poll.register(self._ended, select.EPOLLIN)
        for number in self._listeners:
            self._poll.register(number, select.EPOLLONESHOT)
        # Daemons: an answer that takes too long must not keep the process from ending.
        threads = [
            threading.Thread(target=self._take_turns, name=f"web-{number}", daemon=True)
            for number in range(self.cfg.threads)
        ]
        for thread in threads:
            thread.start()
        while self.alive and self.ppid == os.getppid():
            self.notify()
            self._close_silent(self.cfg.keepalive)
            self._listen()
            self._nap(_TURN_SECONDS)
        self.alive = False
        self._finish()
        os.write(end, b"e")
        for thread in threads:
            thread.join(_LOOK_SECONDS)

    def _listen(self) -> None:
        """Wait for connections, unless there are as many as are taken."""
        if self.alive and len(self._open) < self.cfg.worker_connections:
            for number in self._listeners:
                self._poll.modify(number, _WAITING)

    def _nap(self, seconds: float) -> None:
        """Sleep; a signal wakes."""
        select.select([self.PIPE[0]], [], [], seconds)
        try:
            os.read(self.PIPE[0], 4096)
        except BlockingIOError:
            return  # nobody called

    def _finish(self) -> None:
        """Let requests end, for as long as is granted, and take no connection any more.

        A client may be sending on a kept connection just now. It is waited for a moment, and the
        answer tells it that the connection ends (RFC 9112 section 9.6).
        """
        for number in self._listeners:
            self._poll.modify(number, 0)
        began = time.monotonic()
        while self._open and (passed := time.monotonic() - began) < self.cfg.graceful_timeout:
            self.notify()
            if passed >= _LINGER_SECONDS:
                self._close_silent(0)
            self._nap(_LOOK_SECONDS)

    def _close_silent(self, seconds: float) -> None:
        """Close connections that have been waiting for a request for so long."""
        latest = time.monotonic() - seconds
        for number, connection in self._parked.copy().items():
            if connection.since > latest:
                continue
            owned = self._parked.pop(number, None)
            if owned is connection:
                self._close(connection)
            elif owned is not None:  # another one has its number by now
                self._park(owned)

    def _take_turns(self) -> None:
        """Wait for an event and see to it, again and again: the life of each thread."""
        while True:
            for number, _ in self._poll.poll(-1, 1):
                if number == self._ended:
                    return
                if number in self._listeners:
                    self._accept(self._listeners[number])
                elif (connection := self._parked.pop(number, None)) is not None:
                    self._converse(connection)

    def _accept(self, listener: Any) -> None:
        try:
            accepted, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            self._listen()  # another process was faster, or the client left
            return
        except OSError:
            return  # no descriptors left; the main thread listens again in a moment
        connection = self._connection(accepted, client, listener.getsockname())
        self._open.add(connection)
        self._listen()
        self._poll.register(accepted.fileno(), select.EPOLLONESHOT)
        self._park(connection)

    def _connection(self, accepted: socket.socket, client: Any, server: Any) -> _Connection:
        wire = Wire(accepted)
        parser = get_parser(self.cfg, wire, client)
        return _Connection(wire=wire, client=client, server=server, parser=parser)

    def _park(self, connection: _Connection) -> None:
        number = connection.wire.socket.fileno()
        connection.since = time.monotonic()
        self._parked[number] = connection
        self._poll.modify(number, _WAITING)

    def _converse(self, connection: _Connection) -> None:
        """Answer the requests that are there; our connection until it is parked or closed."""
        while self._answer(connection):
            # What was read ahead makes no event.
            if not connection.parser.unreader.buf.getvalue():
                self._park(connection)
                return
        self._close(connection)

    def _close(self, connection: _Connection) -> None:
        wire = connection.wire
        if connection.unread and not wire.broken:
            # Closing over unread bytes would reset the connection and lose the answer.
            util.close_graceful(wire.socket)
        wire.socket.close()
        self._open.discard(connection)

    def _answer(self, connection: _Connection) -> bool:
        """Answer one request; tell whether the connection is kept."""
        wire, request = connection.wire, None
        wire.begin()
        wire.expect(_HEAD_SECONDS)
        try:
            request = next(connection.parser)
            wire.expect(self.cfg.timeout)
            kept = self._respond(connection, request)
            return self._has_read_all(connection) and kept
        except (StopIteration, NoMoreData):
            return False  # the client said that it was done
        # The outermost frame of a thread: whatever an application raises is answered by 500.
        except (Exception, SystemExit) as error:
            if wire.started and not wire.broken:
                self.log.exception("An answer broke off")
            elif not wire.broken:
                connection.unread = True
                self.handle_error(request, wire.socket, connection.client, error)
            return False

    def _respond(self, connection: _Connection, request: Any) -> bool:
        wire = connection.wire
        response, environ = create(request, wire, connection.client, connection.server, self.cfg)
        environ["wsgi.multithread"] = True
        pieces = self.wsgi(environ, response.start_response)
        try:
            if not self.alive:  # asked as late as the head can still tell
                response.force_close()
            for piece in pieces:
                response.write(piece)
            response.close()
            wire.flush()
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        return not response.should_close()

    def _has_read_all(self, connection: _Connection) -> bool:
        """Read what the application left of the request, if it is little."""
        wire = connection.wire
        if wire.broken:
            return False
        wire.expect(_REST_SECONDS)
        deadline = time.monotonic() + _REST_SECONDS
        connection.unread = not connection.parser.finish_body(deadline=deadline)
        return not connection.unread
