"""Orders of the control surface that wait for what they strike: so many times, after so many."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bridge.errors import InvalidInput

Struck = TypeVar("Struck")


@dataclass(slots=True)
class _Order(Generic[Struck]):
    fault: Struck
    fits: Callable[..., bool]
    times: int
    after: int


class Orders(Generic[Struck]):
    """What is still to strike, in the order in which it was asked for; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[_Order[Struck]] = []

    def add(self, fault: Struck, fits: Callable[..., bool], told: dict[str, Any]) -> None:
        """Take an order.

        Args:
            fault: What strikes.
            fits: Whether it strikes what `take` is asked about.
            told: As it came: `times` (default 1), and `after` (matches let through first, default
                0).

        Raises:
            InvalidInput: One of the two is no number from 0 up.
        """
        times, after = _count(told, "times", 1), _count(told, "after", 0)
        with self._lock:
            self._orders.append(_Order(fault, fits, times, after))

    def take(self, *target: object, **more: object) -> Struck | None:
        """Return what strikes a target, and count it; the first order that fits decides."""
        with self._lock:
            found = next((each for each in self._orders if each.fits(*target, **more)), None)
            return None if found is None else self._counted(found)

    def clear(self) -> None:
        """Forget all that is still to come."""
        with self._lock:
            self._orders.clear()

    def waiting(self) -> int:
        """Return how many orders are still to come."""
        with self._lock:
            return len(self._orders)

    def _counted(self, order: _Order[Struck]) -> Struck | None:
        if order.after > 0:
            order.after -= 1
            return None
        order.times -= 1
        if order.times <= 0:
            self._orders.remove(order)
        return order.fault


def _count(told: dict[str, Any], name: str, default: int) -> int:
    value = told.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidInput(f"`{name}` is a number from 0 up", field=name)
    return value
