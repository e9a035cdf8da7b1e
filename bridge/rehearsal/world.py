"""Everything a part of the rehearsal may need, in one value."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bridge.rehearsal.clock import Clock
from bridge.rehearsal.faults import FaultQueue
from bridge.rehearsal.observers import Observers
from bridge.rehearsal.push.faults import PushFaults
from bridge.rehearsal.push.log import DeliveryLog
from bridge.rehearsal.quotas import Quotas
from bridge.rehearsal.request_log import RequestLog
from bridge.rehearsal.state import State
from bridge.rehearsal.switches import Switches

_OFFSET = "clock_offset_seconds"


@dataclass(slots=True, kw_only=True)
class World:
    """The rehearsal as a whole.

    Attributes:
        state: What is kept.
        clock: The rehearsal's time.
        redirect_uris: Redirect addresses the printed client accepts beside the loopback one.
        allow_http_push: Whether push addresses may be http.
        switches: Behaviour where the facts are open.
        push_faults: Mishaps of push messages to come.
        push_log: What became of push messages so far.
        faults: Failures to come.
        requests: Calendar API requests so far.
        oauth_requests: Requests to the token, revocation and userinfo addresses so far.
        quotas: Use of the API so far.
        observers: Those who are told of every exchange.
        stopping: Set when the server ends; slow answers wait on it.
    """

    state: State
    clock: Clock
    redirect_uris: tuple[str, ...] = ()
    allow_http_push: bool = False
    switches: Switches = field(default_factory=Switches)
    push_faults: PushFaults = field(default_factory=PushFaults)
    push_log: DeliveryLog = field(default_factory=DeliveryLog)
    faults: FaultQueue = field(default_factory=FaultQueue)
    requests: RequestLog = field(default_factory=RequestLog)
    oauth_requests: RequestLog = field(default_factory=RequestLog)
    quotas: Quotas = field(default_factory=Quotas)
    observers: Observers = field(default_factory=Observers)
    stopping: threading.Event = field(default_factory=threading.Event)

    def next_change(self) -> int:
        """Return the number of a new change, higher than all before."""
        return self.state.raise_counter("change")

    def next_stamp(self) -> int:
        """Return a new stamp: microseconds since 1970, never the same twice; half an ETag."""
        return self.state.raise_counter("stamp", at_least=self.clock.milliseconds() * 1000)

    def advance(self, seconds: float) -> None:
        """Move the clock ahead, durably."""
        self.clock.advance(timedelta(seconds=seconds))
        self.state.set_meta(_OFFSET, str(self.clock.offset.total_seconds()))

    def restore_clock(self) -> None:
        """Set the clock as it was moved before."""
        self.clock.offset = timedelta(seconds=float(self.state.meta(_OFFSET) or 0))

    def add_mail(self, mail: dict[str, Any]) -> None:
        """Remember a mail Google would have sent."""
        self.state.execute("INSERT INTO mail (body) VALUES (?)", (json.dumps(mail),))

    def mails(self) -> list[dict[str, Any]]:
        """Return all mails, oldest first."""
        return [
            json.loads(row["body"])
            for row in self.state.rows("SELECT body FROM mail ORDER BY position")
        ]


def etag_of(stamp: int) -> str:
    """Return the quoted ETag of a stamp: all digits, about twice the time in microseconds."""
    return f'"{2 * stamp}"'
