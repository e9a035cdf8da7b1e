"""Mishaps of delivery on demand: the next messages are lost, doubled, late, or out of order.

Source: Google, "Push notifications": delivery is not guaranteed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from bridge.errors import InvalidInput
from bridge.rehearsal.orders import Orders

PREFIX = "push_"
_DEFAULT_DELAY = 1.0
_LONGEST_DELAY = 600.0


class Mishap(Enum):
    """What happens to a struck message."""

    LOSS = "push_loss"
    DUPLICATE = "push_duplicate"
    DELAY = "push_delay"
    REORDER = "push_reorder"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushFault:
    """One mishap.

    Attributes:
        mishap: What happens.
        seconds: How much later a message of `DELAY` goes, in real time.
    """

    mishap: Mishap
    seconds: float = 0.0


class PushFaults:
    """The mishaps still to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._orders: Orders[PushFault] = Orders()

    def add(self, order: dict[str, Any]) -> None:
        """Take an order of the control surface.

        Args:
            order: `fault` (`push_loss`, `push_duplicate`, `push_delay:SECONDS`, `push_reorder`:
                kept back until the channel's next message has gone), and optionally
                `path_contains` (part of the address), `times` (default 1) and `after` (default 0).

        Raises:
            InvalidInput: A member is missing or of the wrong type.
        """
        contains = order.get("path_contains") or ""
        if not isinstance(contains, str):
            raise InvalidInput("`path_contains` is a text", field="path_contains")
        fault = _parse(str(order.get("fault", "")))
        self._orders.add(fault, lambda address: contains in address, order)

    def strike(self, address: str) -> PushFault | None:
        """Return the mishap that strikes a message to this address, and count it."""
        return self._orders.take(address)

    def clear(self) -> None:
        """Forget all mishaps still to come."""
        self._orders.clear()

    def waiting(self) -> int:
        """Return how many orders are still to come."""
        return self._orders.waiting()


def _parse(text: str) -> PushFault:
    name, _, seconds = text.partition(":")
    try:
        mishap = Mishap(name)
        if mishap is not Mishap.DELAY:
            return PushFault(mishap=mishap)
        delay = float(seconds) if seconds else _DEFAULT_DELAY
    except ValueError as error:
        raise InvalidInput(f"no such fault: `{text}`", field="fault") from error
    if not 0 <= delay <= _LONGEST_DELAY:
        raise InvalidInput(f"a delay lies between 0 and {_LONGEST_DELAY:g} s", field="fault")
    return PushFault(mishap=mishap, seconds=delay)
