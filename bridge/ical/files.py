"""Calendar files with many items: take one apart into calendar objects, put objects together.

A calendar object resource holds one UID (RFC 4791 section 4.1), a file as programs export it holds
any number (RFC 5545 section 3.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from icalendar import Calendar, Component

from bridge.errors import InvalidCalendarData
from bridge.ical.calendar_object import COMPONENTS, CalendarObject
from bridge.ical.patch import PRODUCT
from bridge.ical.validity import parse_calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedItem:
    """An item of a file that is no valid calendar object.

    Attributes:
        uid: "" when it has none.
        reason: For people.
    """

    uid: str
    reason: str


def split_file(text: str) -> Iterator[CalendarObject | RefusedItem]:
    """Iterate over the items of a calendar file; one that is invalid does not stop the others.

    Master and overrides of one UID belong together; each object gets the time zones it names.

    Raises:
        InvalidCalendarData: The text as a whole is no calendar.
    """
    calendar = parse_calendar(text)
    zones = [part for part in calendar.subcomponents if part.name == "VTIMEZONE"]
    groups: dict[tuple[str, str], list[Component]] = {}
    for part in calendar.subcomponents:
        if part.name in COMPONENTS:
            groups.setdefault((part.name, str(part.get("UID", ""))), []).append(part)
    for (_, uid), parts in groups.items():
        if not uid:
            for _part in parts:
                yield RefusedItem(uid="", reason="it has no UID")
            continue
        try:
            yield CalendarObject.parse(_text([*_named(zones, parts), *parts]))
        except InvalidCalendarData as error:
            yield RefusedItem(uid=uid, reason=str(error))


def join_objects(objects: Iterable[CalendarObject]) -> str:
    """Return one calendar file with all objects; each time zone stands in it once."""
    zones: dict[str, Component] = {}
    parts: list[Component] = []
    for item in objects:
        for part in item.calendar().subcomponents:
            if part.name == "VTIMEZONE":
                zones.setdefault(str(part.get("TZID", "")), part)
            else:
                parts.append(part)
    return _text([*zones.values(), *parts])


def _named(zones: Iterable[Component], parts: Iterable[Component]) -> list[Component]:
    """Return the zones these components name anywhere."""
    texts = [part.to_ical() for part in parts]
    return [zone for zone in zones if any(_mentions(text, zone) for text in texts)]


def _mentions(text: bytes, zone: Component) -> bool:
    return str(zone.get("TZID", "")).encode() in text


def _text(parts: Iterable[Component]) -> str:
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT)
    for part in parts:
        calendar.add_component(part)
    text: str = calendar.to_ical(sorted=False).decode("utf-8")
    return text
