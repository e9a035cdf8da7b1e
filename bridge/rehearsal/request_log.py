"""What was asked of the Calendar API since the last clear, for tests and for people who look on."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

_KEPT = 100_000


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
        body: Body of the request as text.
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
    """The newest records, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: deque[RequestRecord] = deque(maxlen=_KEPT)

    def add(self, record: RequestRecord) -> None:
        """Append a record."""
        with self._lock:
            self._records.append(record)

    def records(self) -> list[RequestRecord]:
        """Return all records, oldest first."""
        with self._lock:
            return list(self._records)

    def clear(self) -> None:
        """Forget all records."""
        with self._lock:
            self._records.clear()
