"""A whole calendar as one text, put together from the objects' own lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bridge.ical.content_line import text_line

if TYPE_CHECKING:
    from bridge.ical.calendar_object import CalendarObject

_LINE_END = "\r\n"


def whole_calendar(objects: Iterable[CalendarObject], *, name: str) -> str:
    """Return one VCALENDAR with all components, and each time zone once.

    Zones are told apart by TZID alone: of two definitions of one TZID the first counts.

    Args:
        objects: What the calendar holds.
        name: Told as X-WR-CALNAME.
    """
    zones: dict[str, str] = {}
    parts = []
    for item in objects:
        for component in item.source().components:
            text = _with_line_ends(item.text[component.start : component.end])
            if component.name == "VTIMEZONE":
                zones.setdefault(component.value("TZID"), text)
            else:
                parts.append(text)
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//crmdav//EN\r\n{_name(name)}\r\n"
    return "".join([head, *zones.values(), *parts, "END:VCALENDAR\r\n"])


def _name(name: str) -> str:
    return text_line("X-WR-CALNAME", name).text


def _with_line_ends(text: str) -> str:
    """Return the lines with the ends that RFC 5545 section 3.1 asks for."""
    return text.replace(_LINE_END, "\n").rstrip("\n").replace("\n", _LINE_END) + _LINE_END
