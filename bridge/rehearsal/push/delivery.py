"""Delivering messages in the background, each channel in a lane of its own.

Source: Google, "Push notifications": 500, 502, 503 and 504 are tried again with growing pauses, any
other refusal is final. Nothing here is waited for by an API answer, a dead receiver holds up no
other channel, and everything ends with the server.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from socket import SHUT_RDWR
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from bridge.rehearsal.push.channels import is_alive, named_channels
from bridge.rehearsal.push.faults import Mishap, PushFault
from bridge.rehearsal.push.log import Delivery
from bridge.rehearsal.push.messages import Message, send_due_messages
from bridge.rehearsal.push.post import connect, is_dialled, post
from bridge.rehearsal.world import World

_GOOD = frozenset({102, 200, 201, 202, 204})
_TRIED_AGAIN = frozenset({500, 502, 503, 504})
_PAUSES_SECONDS = (0.2, 0.4, 0.8, 1.6, 3.2)
_LONGEST_LANE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    """A message in its lane.

    Attributes:
        message: The message.
        delivery: Its record in the log.
        not_before: Moment of `time.monotonic()` from which it may go.
    """

    message: Message
    delivery: Delivery
    not_before: float = 0.0


class Postman:
    """Takes messages and delivers them.

    Args:
        world: The rehearsal.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._lanes: dict[int, deque[_Parcel]] = {}
        self._kept_back: dict[int, _Parcel] = {}
        self._threads: set[threading.Thread] = set()
        self._connections: set[HTTPConnection] = set()

    def look(self) -> None:
        """Take the messages that are due."""
        send_due_messages(self._world, self._take)

    def looking_after(self, application: WSGIApplication) -> WSGIApplication:
        """Return an application that takes the messages due after each request that may write."""

        def answer(environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            """Answer, and look for what is to be told after whatever may have changed something."""
            parts = application(environment, start_response)
            if environment["REQUEST_METHOD"] not in ("GET", "HEAD"):
                self.look()
            return parts

        return answer

    def stop(self) -> None:
        """Break off everything under way; for after `World.stopping` is set."""
        with self._lock:
            self._lanes.clear()
            connections, threads = list(self._connections), list(self._threads)
        for connection in connections:
            _break_off(connection)
        for thread in threads:
            thread.join(2)

    def _take(self, message: Message) -> None:
        address = message.channel.address
        if not is_dialled(address):
            self._parcel(message).delivery.outcome = "not dialled"
            return
        fault = self._world.push_faults.strike(address)
        parcel = self._parcel(message, fault)
        if fault is not None and fault.mishap is Mishap.LOSS:
            parcel.delivery.outcome = "lost"
            return
        with self._lock:
            position = message.channel.position
            if fault is not None and fault.mishap is Mishap.REORDER:
                self._kept_back[position] = parcel
                return
            self._line_up(position, parcel)
            if fault is not None and fault.mishap is Mishap.DUPLICATE:
                self._line_up(position, self._parcel(message))
            late = self._kept_back.pop(position, None)
            if late is not None:
                self._line_up(position, late)

    def _parcel(self, message: Message, fault: PushFault | None = None) -> _Parcel:
        delivery = Delivery(
            position=message.channel.position,
            number=message.number,
            resource_state=message.resource_state,
        )
        self._world.push_log.add(delivery)
        delay = fault.seconds if fault is not None else 0.0
        return _Parcel(message=message, delivery=delivery, not_before=time.monotonic() + delay)

    def _line_up(self, position: int, parcel: _Parcel) -> None:
        lane = self._lanes.get(position)
        if lane is not None:
            if len(lane) >= _LONGEST_LANE:
                lane.popleft().delivery.outcome = "lost"
            lane.append(parcel)
            return
        self._lanes[position] = deque([parcel])
        thread = threading.Thread(
            target=self._run, args=(position,), name="rehearsal-push", daemon=True
        )
        self._threads.add(thread)
        thread.start()

    def _run(self, position: int) -> None:
        try:
            while (parcel := self._next(position)) is not None:
                self._deliver(parcel)
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _next(self, position: int) -> _Parcel | None:
        with self._lock:
            lane = self._lanes.get(position)
            if lane and not self._world.stopping.is_set():
                return lane.popleft()
            # In one step with the look, or a message could line up behind a thread that ends.
            self._lanes.pop(position, None)
            return None

    def _deliver(self, parcel: _Parcel) -> None:
        self._world.stopping.wait(max(0.0, parcel.not_before - time.monotonic()))
        for pause in (*_PAUSES_SECONDS, None):
            if self._world.stopping.is_set() or not self._is_wanted(parcel.message):
                parcel.delivery.outcome = "dropped"
                return
            status = self._try(parcel.message)
            parcel.delivery.statuses.append(status)
            if status not in _TRIED_AGAIN or pause is None:
                break
            self._world.stopping.wait(pause)
        parcel.delivery.outcome = "delivered" if status in _GOOD else "failed"

    def _is_wanted(self, message: Message) -> bool:
        channel = message.channel
        present = named_channels(self._world, channel.channel_id, client_id=channel.client_id)
        same = (each for each in present if each.position == channel.position)
        return any(is_alive(self._world, each) for each in same)

    def _try(self, message: Message) -> int:
        """Send a message and return the status, 0 when no answer came."""
        connection = connect(message.channel.address)
        with self._lock:
            self._connections.add(connection)
        try:
            connection.connect()
            # `stop` breaks off open connections; one that opens later must see for itself.
            if self._world.stopping.is_set():
                return 0
            return post(connection, message.channel.address, message.headers())
        except (OSError, HTTPException):
            return 0
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()


def _break_off(connection: HTTPConnection) -> None:
    # Another thread may open or close it at this moment; then there is nothing to break off.
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(SHUT_RDWR)
