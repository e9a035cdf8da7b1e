"""Failures on demand: the next matching requests fail in a stated way.

A fault strikes an outer HTTP request; an order for `parts` strikes parts of batches instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from bridge.errors import InvalidInput
from bridge.rehearsal.orders import Orders

_DEFAULT_SLOWNESS = 1.0
_REASONS = {
    400: "badRequest",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "conflict",
    410: "fullSyncRequired",
    412: "conditionNotMet",
    429: "rateLimitExceeded",
    500: "backendError",
    502: "backendError",
    503: "backendError",
}


class FaultKind(Enum):
    """What happens to a struck request."""

    STATUS = "status"
    STATUS_AFTER = "status_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    TIMEOUT = "timeout"
    SLOW = "slow"
    HTML = "html"
    CUT_JSON = "cut_json"
    STALE = "stale"


_WITH_STATUS = frozenset({FaultKind.STATUS, FaultKind.STATUS_AFTER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to fail.

    Attributes:
        kind: What happens.
        status: HTTP status of `STATUS`, `STATUS_AFTER` and `HTML`.
        reason: Google's reason of the first two.
        seconds: Delay of `SLOW`.
    """

    kind: FaultKind
    status: int = 0
    reason: str = ""
    seconds: float = 0.0

    @property
    def only_listings(self) -> bool:
        """Whether nothing but a listing can fail like this."""
        return self.kind is FaultKind.STALE or (
            self.kind is FaultKind.STATUS and self.reason == "fullSyncRequired"
        )


def parse_fault(text: str) -> Fault:
    """Read the name of a fault: `status:403:rateLimitExceeded`, `slow:2.5`, `timeout` ...

    Raises:
        InvalidInput: No fault of that name, or a number that is none.
    """
    name, *arguments = text.split(":")
    try:
        kind = FaultKind(name)
        if kind in _WITH_STATUS:
            status = int(arguments[0])
            reason = arguments[1] if arguments[1:] else _REASONS.get(status, "backendError")
            return Fault(kind=kind, status=_checked_status(status), reason=reason)
        if kind is FaultKind.SLOW:
            return Fault(kind=kind, seconds=float(arguments[0]) if arguments else _DEFAULT_SLOWNESS)
        if kind is FaultKind.HTML:
            return Fault(kind=kind, status=int(arguments[0]) if arguments else 502)
    except (ValueError, IndexError) as error:
        raise InvalidInput(f"no such fault: `{text}`", field="fault") from error
    return Fault(kind=kind)


def _checked_status(status: int) -> int:
    if not 400 <= status <= 599:  # noqa: PLR2004 - the range of HTTP errors
        raise ValueError(status)
    return status


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """Which requests an order strikes; "" for any method."""

    method: str
    path_contains: str
    only_listings: bool

    def __call__(self, method: str, target: str, *, listing: bool) -> bool:
        return (
            self.method in ("", "*", method)
            and self.path_contains in target
            and (listing or not self.only_listings)
        )


class FaultQueue:
    """The faults still to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._orders: Orders[Fault] = Orders()
        self._part_orders: Orders[Fault] = Orders()

    def add(self, order: dict[str, Any]) -> None:
        """Take an order of the control surface.

        Args:
            order: `fault`, and optionally `method` (default any), `path_contains` (part of path and
                query), `times` (default 1), `after` (matching requests let through first, default
                0), `parts` (strike parts of batches, each of which fails by itself with a status).

        Raises:
            InvalidInput: A member is missing or of the wrong type.
        """
        method, contains = order.get("method") or "", order.get("path_contains") or ""
        if not isinstance(method, str) or not isinstance(contains, str):
            raise InvalidInput("`method` and `path_contains` are texts", field="method")
        fault = parse_fault(str(order.get("fault", "")))
        orders = self._part_orders if order.get("parts") is True else self._orders
        if orders is self._part_orders and fault.kind not in _WITH_STATUS:
            raise InvalidInput("a part of a batch fails with a status", field="fault")
        match = _Match(
            method=method.upper(), path_contains=contains, only_listings=fault.only_listings
        )
        orders.add(fault, match, order)

    def strike(self, method: str, target: str, *, listing: bool) -> Fault | None:
        """Return the fault that strikes this request, and count it.

        Args:
            method: HTTP method as sent.
            target: Path with query.
            listing: Whether the request lists a collection.
        """
        return self._orders.take(method, target, listing=listing)

    def strike_part(self, method: str, target: str, *, listing: bool) -> Fault | None:
        """Return the fault that strikes this part of a batch, and count it; as `strike`."""
        return self._part_orders.take(method, target, listing=listing)

    def clear(self) -> None:
        """Forget all faults still to come."""
        self._orders.clear()
        self._part_orders.clear()

    def waiting(self) -> int:
        """Return how many orders are still to come."""
        return self._orders.waiting() + self._part_orders.waiting()
