"""Free-busy of a calendar in a window (RFC 4791 section 7.10), from times alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bridge.ical.times import utc_text

if TYPE_CHECKING:
    from radicale_plugin.request import Expansion

_BUSY, _TENTATIVE = "BUSY", "BUSY-TENTATIVE"
Period = tuple[datetime, datetime]


def free_busy(blocked: Iterable[tuple[datetime, datetime, bool]], window: Expansion) -> str:
    """Return one VFREEBUSY with the blocked times, merged and in order.

    Args:
        blocked: Start, end, and whether it is tentative; within the window.
        window: When.
    """
    periods: dict[str, list[Period]] = {_BUSY: [], _TENTATIVE: []}
    for start, end, tentative in blocked:
        periods[_TENTATIVE if tentative else _BUSY].append((start, end))
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


def _merged(periods: list[Period]) -> list[Period]:
    merged: list[Period] = []
    for start, end in sorted(periods):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
