"""Free-busy of a calendar in a window (RFC 4791 section 7.10), without vobject."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from icalendar import Component

from bridge.errors import ConversionError
from bridge.ical.times import utc_text
from radicale_plugin.instances import Budget, instances

if TYPE_CHECKING:
    from bridge.ical.calendar_object import CalendarObject
    from radicale_plugin.request import Expansion

_BUSY, _TENTATIVE = "BUSY", "BUSY-TENTATIVE"
Period = tuple[datetime, datetime]


def free_busy(items: Iterable[CalendarObject], window: Expansion, *, budget: Budget) -> str:
    """Return one VFREEBUSY with the busy times in the window, merged and in order.

    Args:
        items: Events that may lie in the window. Transparent and cancelled ones block no time.
        window: When.
        budget: One is spent for each instance.

    Raises:
        Refusal: The budget is spent.
    """
    periods: dict[str, list[Period]] = {_BUSY: [], _TENTATIVE: []}
    for item in items:
        for kind, period in _periods(item, window, budget):
            periods[kind].append(period)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//crmdav//free-busy//EN",
        "BEGIN:VFREEBUSY",
        f"UID:free-busy-{utc_text(window.start)}-{utc_text(window.end)}",
        f"DTSTAMP:{utc_text(datetime.now(UTC))}",
        f"DTSTART:{utc_text(window.start)}",
        f"DTEND:{utc_text(window.end)}",
    ]
    for kind, found in periods.items():
        lines.extend(
            f"FREEBUSY;FBTYPE={kind}:{utc_text(start)}/{utc_text(end)}"
            for start, end in _merged(found)
        )
    return "\r\n".join([*lines, "END:VFREEBUSY", "END:VCALENDAR", ""])


def _periods(
    item: CalendarObject, window: Expansion, budget: Budget
) -> Iterable[tuple[str, Period]]:
    try:
        found = instances(item, window.start, window.end, budget=budget)
    except ConversionError:
        return
    for component in found:
        kind = _kind(component)
        start, end = _instant(component, "DTSTART"), _instant(component, "DTEND")
        if kind is None or start is None:
            continue
        clipped = max(start, window.start), min(end or start, window.end)
        if clipped[0] < clipped[1]:
            yield kind, clipped


def _kind(component: Component) -> str | None:
    """Return the kind of busy time an instance is, None for free time."""
    status = str(component.get("STATUS", "CONFIRMED")).upper()
    if str(component.get("TRANSP", "OPAQUE")).upper() == "TRANSPARENT" or status == "CANCELLED":
        return None
    return _TENTATIVE if status == "TENTATIVE" else _BUSY


def _instant(component: Component, name: str) -> datetime | None:
    """Return a property of an instance as an instant; days begin at midnight in UTC."""
    value = getattr(component.get(name), "dt", None)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    start = getattr(component.get("DTSTART"), "dt", None)
    if name == "DTEND" and start is not None and not isinstance(start, datetime):
        return datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=1)
    return None


def _merged(periods: list[Period]) -> list[Period]:
    merged: list[Period] = []
    for start, end in sorted(periods):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
