"""What became of the newest messages, for tests and for people who look on."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

_KEPT = 10_000


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One message on its way.

    Attributes:
        position: Place of the channel in the order of creation.
        number: Number of the message.
        resource_state: `sync`, `exists` or `not_exists`.
        outcome: `waiting`, `delivered`, `failed`, `lost` (on demand), `dropped` (the channel was
            over before) or `not dialled` (the address is not on loopback).
        statuses: HTTP status of each try, 0 where none came.
    """

    position: int
    number: int
    resource_state: str
    outcome: str = "waiting"
    statuses: list[int] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the record as the control surface shows it."""
        return {
            "number": self.number,
            "resource_state": self.resource_state,
            "outcome": self.outcome,
            "statuses": list(self.statuses),
        }


class DeliveryLog:
    """The newest deliveries, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deliveries: deque[Delivery] = deque(maxlen=_KEPT)

    def add(self, delivery: Delivery) -> None:
        """Append a delivery; its outcome is written to it later."""
        with self._lock:
            self._deliveries.append(delivery)

    def of_channel(self, position: int) -> list[Delivery]:
        """Return the deliveries of one channel, oldest first."""
        with self._lock:
            return [each for each in self._deliveries if each.position == position]

    def clear(self) -> None:
        """Forget all deliveries."""
        with self._lock:
            self._deliveries.clear()
