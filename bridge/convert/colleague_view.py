"""What a colleague sees of a calendar object: whole, as a busy block, or not at all.

A busy block is written anew from an allow-list, never by taking lines away: what we do not know of
cannot slip through. It holds UID and times, and nothing a person wrote. Names of time zones that
only the text defines are replaced as well, they may say anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from bridge.convert.properties.classification import HIDDEN, is_busy, visibility_of
from bridge.convert.views import BUSY_TITLE
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import ContentLine, make_line, write_lines
from bridge.ical.scanner import ContentComponent, line_break_of
from bridge.ical.zones import iana_name

_PRODUCT = "-//crmdav//busy//EN"
_EVENT = "VEVENT"
_ALARM = "VALARM"
_FOLD = re.compile(r"\r?\n[ \t]")
# Dates, times, periods and durations, and lists of them; no word fits in here.
_TIMES = re.compile(r"[0-9TZPWDHMS+,/-]+")
_RULE_PART = re.compile(r"[A-Z0-9+,-]+")
_RULE_PARTS = frozenset(
    {
        "FREQ", "UNTIL", "COUNT", "INTERVAL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY",
        "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST",
    }
)  # fmt: skip
_MOMENTS = ("RECURRENCE-ID", "DTSTART", "DTEND", "DURATION")
_REPEATS = ("RRULE", "EXRULE", "RDATE", "EXDATE")
_ZONED = frozenset({"RECURRENCE-ID", "DTSTART", "DTEND", "RDATE", "EXDATE"})
_PARAMETERS = {
    "VALUE": frozenset({"DATE", "DATE-TIME", "PERIOD"}),
    "RANGE": frozenset({"THISANDFUTURE"}),
}
_WORDS = {
    "TRANSP": frozenset({"OPAQUE", "TRANSPARENT"}),
    "STATUS": frozenset({"TENTATIVE", "CONFIRMED", "CANCELLED"}),
}
_NO_STAMP = "19700101T000000Z"


def readable_view(item: CalendarObject, *, private: bool) -> CalendarObject | None:
    """Return what a colleague who may read sees: everything but alarms, unless it is private.

    Of a series with single private instances only those are reduced.

    Args:
        item: A stored object.
        private: Whether its owner keeps it private, by the activity.

    Returns:
        The very `item` when nothing of it has to go; None for what is not shown at all, which a
        private to-do or journal entry is.
    """
    if not private and not _mentions(item.text, (_ALARM, "CLASS")):
        return item
    if private or _is_private(item.head()):
        return busy_block(item) if item.component == _EVENT else None
    return _readable(item)


def busy_view(item: CalendarObject) -> CalendarObject | None:
    """Return the busy block a colleague sees who may see times only; None for free time."""
    if item.component != _EVENT or not any(_blocks_time(member) for member in item.members()):
        return None
    return busy_block(item)


@lru_cache(maxsize=256)
def busy_block(item: CalendarObject) -> CalendarObject:
    """Return the event with nothing but UID and times; it is called Busy and private."""
    members = item.members()
    names = _zone_names(members)
    zones = _zones(item.source(), names)
    events = "".join(_component(_EVENT, _reduced(member, names)) for member in members)
    text = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{_PRODUCT}\r\n{zones}{events}END:VCALENDAR\r\n"
    )
    return CalendarObject(uid=item.uid, component=item.component, text=text)


@lru_cache(maxsize=256)
def _readable(item: CalendarObject) -> CalendarObject:
    """Return the object without alarms, its private instances reduced or, of to-dos, left out."""
    hidden = [member for member in item.members() if _is_private(member)]
    names = {name: name for name in _zone_names(hidden)}  # the text's zones stay as they are
    line_break = line_break_of(item.text)
    pieces, offset = [], 0
    for part in sorted([*_alarms(item.source(), hidden), *hidden], key=lambda p: p.start):
        pieces.append(item.text[offset : part.start])
        if part.name == _EVENT:
            block = _component(_EVENT, _reduced(part, names))
            pieces.append(block.replace("\r\n", line_break))
        offset = part.end
    text = "".join([*pieces, item.text[offset:]])
    return CalendarObject(uid=item.uid, component=item.component, text=text)


def _alarms(
    component: ContentComponent, hidden: Iterable[ContentComponent]
) -> Iterator[ContentComponent]:
    for part in component.components:
        if part.name == _ALARM:
            yield part
        elif part not in hidden:
            yield from _alarms(part, hidden)


def _is_private(component: ContentComponent) -> bool:
    return visibility_of(component) in HIDDEN


def _blocks_time(event: ContentComponent) -> bool:
    return is_busy(event) and event.value("STATUS").upper() != "CANCELLED"


def _mentions(text: str, words: Iterable[str]) -> bool:
    """Return whether one of the words may stand in the text, also across a fold."""
    plain = _FOLD.sub("", text).upper()
    return any(word in plain for word in words)


def _reduced(event: ContentComponent, names: dict[str, str]) -> Iterator[ContentLine]:
    uid, stamp = event.first("UID"), event.value("DTSTAMP")
    if uid is not None:
        yield make_line("UID", uid.value)
    yield make_line("DTSTAMP", stamp if _TIMES.fullmatch(stamp) else _NO_STAMP)
    for name in (*_MOMENTS, *_REPEATS):
        for line in event.all(name):
            yield from _time_line(line, names)
    yield make_line("SUMMARY", BUSY_TITLE)
    yield make_line("CLASS", "PRIVATE")
    for name, known in _WORDS.items():
        if (value := event.value(name).upper()) in known:
            yield make_line(name, value)


def _time_line(line: ContentLine, names: dict[str, str]) -> Iterator[ContentLine]:
    value = line.value.strip().upper()
    if line.name in ("RRULE", "EXRULE"):
        value = _rule(value)
    elif not _TIMES.fullmatch(value):
        return
    parameters = {
        name: told
        for name, known in _PARAMETERS.items()
        if (told := line.parameter(name).upper()) in known
    }
    if zone := names.get(line.parameter("TZID").strip()):
        parameters["TZID"] = zone
    if value:
        yield make_line(line.name, value, parameters)


def _rule(value: str) -> str:
    pairs = [part.partition("=") for part in value.split(";")]
    return ";".join(
        f"{name}={told}"
        for name, _, told in pairs
        if name in _RULE_PARTS and _RULE_PART.fullmatch(told)
    )


def _zone_names(members: Iterable[ContentComponent]) -> dict[str, str]:
    """Return by each TZID in use the name it is shown under."""
    used = dict.fromkeys(
        tzid
        for member in members
        for line in member.lines
        if line.name in _ZONED and (tzid := line.parameter("TZID").strip())
    )
    return {tzid: iana_name(tzid) or f"Zone-{n}" for n, tzid in enumerate(used, start=1)}


def _zones(calendar: ContentComponent, names: dict[str, str]) -> str:
    texts: dict[str, str] = {}
    for zone in calendar.components:
        name = names.get(zone.text("TZID").strip()) if zone.name == "VTIMEZONE" else None
        if name is not None and name not in texts:
            rules = "".join(_observance(part) for part in zone.components)
            head = write_lines([make_line("TZID", name)])
            texts[name] = f"BEGIN:VTIMEZONE\r\n{head}{rules}END:VTIMEZONE\r\n"
    return "".join(texts.values())


def _observance(part: ContentComponent) -> str:
    if part.name not in ("STANDARD", "DAYLIGHT"):
        return ""
    offsets = [make_line(name, part.value(name)) for name in ("TZOFFSETFROM", "TZOFFSETTO")]
    lines = [line for line in offsets if _TIMES.fullmatch(line.value)]
    for name in ("DTSTART", "RRULE", "RDATE"):
        for line in part.all(name):
            lines.extend(_time_line(line, {}))
    return _component(part.name, lines)


def _component(name: str, lines: Iterable[ContentLine]) -> str:
    return f"BEGIN:{name}\r\n{write_lines(lines)}END:{name}\r\n"
