r"""One calendar file for programs that only subscribe, fit for an address that may leak.

Whoever learns the address reads the file. So properties are let through by name: what a stranger
has no need of (guests and their mail addresses, contacts, everything unknown) is not in it, and of
what is private only a busy block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import ContentLine, fold, text_line
from bridge.ical.patch import PRODUCT
from bridge.ical.scanner import ContentComponent, with_crlf

REFRESH = "PT1H"
"""How often programs are asked to look again (RFC 7986 section 5.7)."""

BUSY = "Busy"
"""The title of what is private."""

_WHEN = frozenset(
    {
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "DUE",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "EXRULE",
        "RECURRENCE-ID",
        "SEQUENCE",
        "STATUS",
        "TRANSP",
    }
)
_SHOWN = _WHEN | {
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "GEO",
    "URL",
    "CONFERENCE",
    "X-GOOGLE-CONFERENCE",
    "CATEGORIES",
    "CLASS",
    "COLOR",
    "PRIORITY",
    "COMPLETED",
    "PERCENT-COMPLETE",
    "CREATED",
    "LAST-MODIFIED",
}
_ALARM = frozenset({"ACTION", "TRIGGER", "DURATION", "REPEAT", "DESCRIPTION", "UID"})
_SHOWN_ALARMS = frozenset({"DISPLAY", "AUDIO"})  # one by mail names addresses
_HIDDEN_CLASSES = frozenset({"PRIVATE", "CONFIDENTIAL"})
_BUSY_LINES = f"SUMMARY:{BUSY}\nCLASS:PRIVATE\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An object of the file.

    Attributes:
        private: Only a busy block of it is shown.
    """

    object: CalendarObject
    private: bool


def subscription_file(entries: Iterable[Entry], *, name: str, zone: str) -> str:
    """Return one VCALENDAR with the entries, and each time zone once.

    To-dos without a date are left out, so are private to-dos and private free time: there is no
    block of time to show. Of two definitions of one TZID the first counts.

    Args:
        entries: In the order of the file.
        name: Of the calendar, for people.
        zone: IANA name of the zone its floating times are meant in.
    """
    zones: dict[str, str] = {}
    parts: list[str] = []
    for entry in entries:
        shown = _shown_parts(entry)
        if shown:
            parts.extend(shown)
            for part in entry.object.source().components:
                if part.name == "VTIMEZONE":
                    zones.setdefault(part.value("TZID"), _raw(entry.object.text, part))
    head = "".join(fold(line.text) for line in _head(name, zone))
    body = "".join([head, *zones.values(), *parts])
    return with_crlf(f"BEGIN:VCALENDAR\n{body}END:VCALENDAR\n")


def _head(name: str, zone: str) -> Iterator[ContentLine]:
    yield text_line("VERSION", "2.0")
    yield text_line("PRODID", PRODUCT)
    yield text_line("NAME", name)
    yield text_line("X-WR-CALNAME", name)
    yield text_line("X-WR-TIMEZONE", zone)
    yield text_line("REFRESH-INTERVAL", REFRESH, {"VALUE": "DURATION"})
    yield text_line("X-PUBLISHED-TTL", REFRESH)


def _shown_parts(entry: Entry) -> list[str]:
    members, text = entry.object.members(), entry.object.text
    if entry.object.component == "VTODO" and not all(map(_dated, members)):
        return []
    hidden = entry.private or any(map(_hidden, members))
    if not hidden:
        return [_component(text, member) for member in members]
    if entry.object.component == "VTODO" or all(map(_free, members)):
        return []
    return [_block(text, member) for member in members]


def _component(text: str, component: ContentComponent) -> str:
    alarms = (
        _lines(text, inner, _ALARM)
        for inner in component.components
        if inner.name == "VALARM" and inner.value("ACTION").upper() in _SHOWN_ALARMS
    )
    inside = "".join(f"BEGIN:VALARM\n{lines}END:VALARM\n" for lines in alarms)
    return _wrapped(component, _lines(text, component, _SHOWN) + inside)


def _block(text: str, component: ContentComponent) -> str:
    return _wrapped(component, _lines(text, component, _WHEN) + _BUSY_LINES)


def _wrapped(component: ContentComponent, lines: str) -> str:
    return f"BEGIN:{component.name}\n{lines}END:{component.name}\n"


def _lines(text: str, component: ContentComponent, names: frozenset[str]) -> str:
    """Return the lines of these names as they stand, folds included."""
    return "".join(text[line.start : line.end] for line in component.lines if line.name in names)


def _raw(text: str, component: ContentComponent) -> str:
    return text[component.start : component.end]


def _dated(component: ContentComponent) -> bool:
    return component.first("DUE") is not None or component.first("DTSTART") is not None


def _hidden(component: ContentComponent) -> bool:
    return component.value("CLASS").upper() in _HIDDEN_CLASSES


def _free(component: ContentComponent) -> bool:
    status, transparency = component.value("STATUS"), component.value("TRANSP")
    return status.upper() == "CANCELLED" or transparency.upper() == "TRANSPARENT"
