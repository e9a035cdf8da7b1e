"""What was asked of the Calendar API since the last clear, for tests and for people who look on."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

_KEPT = 100_000  # calls, the parts of batches included
_BODIES_KEPT = 4 * 1024 * 1024  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One request as it came in and how it ended.

    Attributes:
        method: HTTP method, after a method override.
        path: Path as sent, percent-encoded.
        query: Query string as sent, without the question mark.
        status: HTTP status of the answer, 0 when none was sent.
        quota_units: What Google would have charged.
        size: Bytes of the answer's body before compression.
        operation: Method id such as `calendar.events.list`, "" when unknown.
        user: Account the access token belongs to, "" when unknown.
        if_match: The If-Match header, "" when absent.
        body: Body of the request as text, "" in old records of long runs.
        fault: Kind of the fault that struck, "" for none.
        parts: Records of the parts of a batch.
    """

    method: str
    path: str
    query: str
    status: int
    quota_units: int
    size: int
    operation: str = ""
    user: str = ""
    if_match: str = ""
    body: str = ""
    fault: str = ""
    parts: tuple[RequestRecord, ...] = field(default=())

    @property
    def calls(self) -> int:
        """How many calls it tells of: itself and its parts."""
        return 1 + len(self.parts)

    @property
    def body_size(self) -> int:
        """How many characters of bodies it holds."""
        return len(self.body) + sum(len(part.body) for part in self.parts)

    def without_bodies(self) -> RequestRecord:
        """Return the record without its bodies."""
        return replace(self, body="", parts=tuple(replace(part, body="") for part in self.parts))

    def to_json(self) -> dict[str, Any]:
        """Return the record as the control surface shows it."""
        shown: dict[str, Any] = {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "params": {name: values[-1] for name, values in parse_qs(self.query).items()},
            "status": self.status,
            "quota_units": self.quota_units,
            "size": self.size,
            "operation": self.operation,
            "user": self.user,
            "if_match": self.if_match,
            "body": self.body,
            "fault": self.fault,
        }
        if self.parts:
            shown["parts"] = [part.to_json() for part in self.parts]
        return shown


class RequestLog:
    """The newest records, oldest first.

    Of long runs only the newest bodies are kept, and of very long ones only the newest records, so
    that a rehearsal's memory has a bound.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bare: deque[RequestRecord] = deque()
        self._whole: deque[RequestRecord] = deque()
        self._calls = self._body_size = 0

    def add(self, record: RequestRecord) -> None:
        """Append a record."""
        with self._lock:
            self._whole.append(record)
            self._calls += record.calls
            self._body_size += record.body_size
            while self._body_size > _BODIES_KEPT:
                old = self._whole.popleft()
                self._body_size -= old.body_size
                self._bare.append(old.without_bodies())
            while self._calls > _KEPT and len(self._bare) + len(self._whole) > 1:
                gone = (self._bare or self._whole).popleft()
                self._calls -= gone.calls
                self._body_size -= gone.body_size

    def records(self) -> list[RequestRecord]:
        """Return all records, oldest first."""
        with self._lock:
            return [*self._bare, *self._whole]

    def clear(self) -> None:
        """Forget all records."""
        with self._lock:
            self._bare.clear()
            self._whole.clear()
            self._calls = self._body_size = 0
