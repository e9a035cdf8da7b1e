"""Finished HTTP exchanges as data, and who is told of them: the recorder, checks of tests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, before compression and before it leaves.

    Attributes:
        moment: The machine's time when the request came, milliseconds since 1970, whatever the
            rehearsal's clock says.
        method: HTTP method as sent, not after an override.
        target: Path and query as sent, percent-encoded.
        request_headers: Names as WSGI gives them, and values.
        request_body: Body as sent, put together from its chunks.
        status: HTTP status, 0 when a fault let no answer out.
        answer_headers: Names and values.
        answer_body: Body of the answer; of a fault that cuts it, the whole one.
        fault: Kind of the fault that struck, "" for none.
    """

    moment: int
    method: str
    target: str
    request_headers: Headers
    request_body: bytes
    status: int
    answer_headers: Headers
    answer_body: bytes
    fault: str = ""


Observer = Callable[[Exchange], None]


class Observers:
    """Those who are told of every exchange, one exchange at a time, before its answer leaves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._observers: list[Observer] = []

    def __bool__(self) -> bool:
        return bool(self._observers)

    def add(self, observer: Observer) -> None:
        """Tell this one too, from now on."""
        with self._lock:
            self._observers.append(observer)

    def tell(self, exchange: Exchange) -> None:
        """Tell all of them, in the order of their coming."""
        with self._lock:
            for observer in self._observers:
                observer(exchange)
