r"""One calendar file for programs that only subscribe, fit for an address that may leak.

Whoever learns the address reads the file. So properties are let through by name: what a stranger
has no need of (guests and their mail addresses, contacts, everything unknown) is not in it, and of
what is private only a busy block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import ContentLine, fold, make_line, text_line
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
_OBSERVANCES = frozenset({"STANDARD", "DAYLIGHT"})
_RULES = frozenset({"DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"})
_OF_TIME = ("VALUE", "TZID", "RANGE")
_WORDS = {
    "STATUS": frozenset({"TENTATIVE", "CONFIRMED", "CANCELLED"}),
    "TRANSP": frozenset({"OPAQUE", "TRANSPARENT"}),
}
_OPEN_CLASSES = frozenset({"", "PUBLIC"})
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
                    zone_text = _bare_zone(part) if _is_hidden(entry) else _raw(entry, part)
                    zones.setdefault(part.value("TZID"), zone_text)
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
    if not _is_hidden(entry):
        return [_component(text, member) for member in members]
    if entry.object.component == "VTODO" or all(map(_free, members)):
        return []
    return [_block(member) for member in members]


def _is_hidden(entry: Entry) -> bool:
    return entry.private or any(map(_hidden, entry.object.members()))


def _component(text: str, component: ContentComponent) -> str:
    alarms = (
        _lines(text, inner, _ALARM)
        for inner in component.components
        if inner.name == "VALARM" and inner.value("ACTION").upper() in _SHOWN_ALARMS
    )
    inside = "".join(f"BEGIN:VALARM\n{lines}END:VALARM\n" for lines in alarms)
    return _wrapped(component, _lines(text, component, _SHOWN) + inside)


def _block(component: ContentComponent) -> str:
    return _wrapped(component, _bare_lines(component, _WHEN) + _BUSY_LINES)


def _bare_zone(zone: ContentComponent) -> str:
    """Return a definition without names, comments and whatever else a person may have written."""
    rules = (
        _wrapped(part, _bare_lines(part, _RULES))
        for part in zone.components
        if part.name in _OBSERVANCES
    )
    return _wrapped(zone, _bare_lines(zone, frozenset({"TZID"})) + "".join(rules))


def _bare_lines(component: ContentComponent, names: frozenset[str]) -> str:
    """Return the lines of these names without the parameters that say nothing of the time."""
    return "".join(
        fold(_bare(line).text) for line in component.lines if line.name in names and _is_plain(line)
    )


def _bare(line: ContentLine) -> ContentLine:
    kept = {name: value for name in _OF_TIME if (value := line.parameter(name))}
    return make_line(line.name, line.value, kept)


def _is_plain(line: ContentLine) -> bool:
    """Whether it is one of the words that are known where only these are meant."""
    known = _WORDS.get(line.name)
    return known is None or line.value.upper() in known


def _wrapped(component: ContentComponent, lines: str) -> str:
    return f"BEGIN:{component.name}\n{lines}END:{component.name}\n"


def _lines(text: str, component: ContentComponent, names: frozenset[str]) -> str:
    """Return the lines of these names as they stand, folds included."""
    return "".join(text[line.start : line.end] for line in component.lines if line.name in names)


def _raw(entry: Entry, component: ContentComponent) -> str:
    return entry.object.text[component.start : component.end]


def _dated(component: ContentComponent) -> bool:
    return component.first("DUE") is not None or component.first("DTSTART") is not None


def _hidden(component: ContentComponent) -> bool:
    """Whether its class is not public; one that is not known counts as private (RFC 5545)."""
    return component.value("CLASS").upper() not in _OPEN_CLASSES


def _free(component: ContentComponent) -> bool:
    status, transparency = component.value("STATUS"), component.value("TRANSP")
    return status.upper() == "CANCELLED" or transparency.upper() == "TRANSPARENT"
