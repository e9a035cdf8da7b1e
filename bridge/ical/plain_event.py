"""Expansion of the most ordinary object there is: one event, written the usual way, without rules.

Most of what a calendar holds is of this shape, and for it the instants on record and a few searches
say what scanning every line would say. Whatever looks unusual in the least is left to `expansion`;
tests hold both to the same bytes.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bridge.ical.times import utc_text

_SECOND = timedelta(seconds=1)
_BEGIN, _END = "BEGIN:VEVENT\r\n", "END:VEVENT\r\n"
_ALARM, _END_OF_ALARM = "BEGIN:VALARM\r\n", "END:VALARM\r\n"
# Anything that tells when an event happens, however it is written.
_TELLS_TIME = re.compile(
    r"^(?:DTSTART|DTEND|DUE|DURATION|RRULE|RDATE|EXRULE|EXDATE|RECURRENCE-ID)[;:]",
    re.MULTILINE | re.IGNORECASE,
)
# The usual ways to tell it, not folded.
_USUAL = re.compile(
    r"^(DTSTART|DTEND)(?:;TZID=([^\r\n:;\",]+):([0-9]{8}T[0-9]{6})|:([0-9]{8}T[0-9]{6}Z))\r\n"
    r"(?![ \t])",
    re.MULTILINE,
)


def plain_event_in_utc(text: str, first: datetime, last: datetime | None) -> str | None:
    """Return the event of a text as `expansion.single_in_utc` would, without the calendar around.

    Args:
        text: A calendar object that does not recur.
        first: Its start on record; aware.
        last: Its end on record; aware, None for none.

    Returns:
        None when it is written in any other than the usual way.
    """
    parts = _parts(text)
    if parts is None:
        return None
    lines, alarms = parts
    usual = list(_USUAL.finditer(lines))
    if len(usual) != len(_TELLS_TIME.findall(lines)):
        return None
    told = {match[1]: match for match in usual}
    start, end = told.get("DTSTART"), told.get("DTEND")
    if start is None or len(told) != len(usual) or not _lasts(start, end, first, last):
        return None
    times = f"DTSTART:{start[4] or utc_text(first)}\r\n"
    if end is not None and last is not None:
        times += f"DTEND:{end[4] or utc_text(last)}\r\n"
    return f"{_BEGIN}{times}{_USUAL.sub('', lines)}{alarms}{_END}"


def _parts(text: str) -> tuple[str, str] | None:
    """Return the lines of the one event and its alarms, which follow them."""
    if text.count("BEGIN:VEVENT") != 1 or text.count("END:VEVENT") != 1:
        return None
    begin, end = text.find(f"\r\n{_BEGIN}"), text.find(f"\r\n{_END}")
    if not 0 <= begin < end:
        return None
    body = text[begin + 2 + len(_BEGIN) : end + 2]
    # Line ends that are not CRLF would be mended, empty lines left out.
    if body.count("\n") != body.count("\r\n") or "\r\n\r\n" in body:
        return None
    lines, alarm, rest = body.partition(_ALARM)
    if "BEGIN:" in lines.upper():
        return None
    alarms = alarm + rest
    *whole, nothing = alarms.split(_END_OF_ALARM)
    if nothing or not all(each.startswith(_ALARM) for each in whole):
        return None
    return lines, alarms


def _lasts(
    start: re.Match[str], end: re.Match[str] | None, first: datetime, last: datetime | None
) -> bool:
    """Return whether the event ends after it starts, so that the record says when."""
    if end is None:
        return True
    same_way = start[2] == end[2] and _clock(start) < _clock(end)
    # What has no length is on record with a second.
    return same_way and last is not None and last - first > _SECOND


def _clock(told: re.Match[str]) -> str:
    return told[3] or told[4]
