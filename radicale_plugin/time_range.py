"""CALDAV:time-range and its relatives: a window told by two attributes in UTC."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import UTC, datetime

from bridge.errors import InvalidInput

_FORM = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """A half-open window; one of its ends may be open.

    Attributes:
        start: Aware, inclusive, or None.
        end: Aware, exclusive, or None.
    """

    start: datetime | None
    end: datetime | None

    def overlaps(self, first: datetime, last: datetime) -> bool:
        """Return whether [first, last), or the instant when both are equal, touches it."""
        after = self.start is None or last > self.start or first == last == self.start
        return after and (self.end is None or first < self.end)


def read_time_range(element: ET.Element) -> TimeRange:
    """Read `start` and `end` (RFC 4791 section 9.9).

    Raises:
        InvalidInput: Neither is there, one is no UTC time, or they are in the wrong order.
    """
    start, end = _read(element.get("start")), _read(element.get("end"))
    if start is None and end is None:
        raise InvalidInput("a time-range has a start or an end")
    if start is not None and end is not None and start >= end:
        raise InvalidInput("a time-range ends after it starts")
    return TimeRange(start=start, end=end)


def _read(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, _FORM).replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidInput(f"no UTC time of the form {_FORM}", field="time-range") from error
