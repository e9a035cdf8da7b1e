"""The short way to expand an ordinary event ends where the long way does, or nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BridgeError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.expansion import single_in_utc
from bridge.ical.plain_event import plain_event_in_utc
from bridge.ical.spans import index_of

ZONE = "Europe/Berlin"
BERLIN = "DTSTART;TZID=Europe/Berlin:20260302T090000\nDTEND;TZID=Europe/Berlin:20260302T100000"
UTC = "DTSTART:20260302T090000Z\nDTEND:20260302T100000Z"
ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nDURATION:PT1M\nREPEAT:1\nEND:VALARM"


def calendar(*lines: str) -> str:
    """Return a calendar with one event of these lines."""
    event = ["BEGIN:VEVENT", "UID:one", "DTSTAMP:20260301T000000Z", *lines, "END:VEVENT"]
    all_lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//EN", *event, "END:VCALENDAR", ""]
    return "\n".join(all_lines).replace("\n", "\r\n")


def ways(text: str) -> tuple[str, str | None]:
    """Return what the long way makes of the event, and what the short way does."""
    item = CalendarObject.parse(text)
    index = index_of(item, floating_zone=ZONE)
    long = single_in_utc(item, floating_zone=ZONE)
    if index.first_utc is None:
        return long, None
    return long, plain_event_in_utc(text, index.first_utc, index.last_utc)


@pytest.mark.parametrize(
    "lines",
    [
        (BERLIN, "SUMMARY:Zoned"),
        ("SUMMARY:UTC", UTC),
        ("DTSTART:20260302T090000Z", "SUMMARY:No end"),
        (BERLIN, "DESCRIPTION:Folded\n  over\n  lines", "LOCATION:Köln"),
        (BERLIN, ALARM, ALARM),
        (BERLIN, "DESCRIPTION:says DTSTART:20260101T000000Z and RRULE:FREQ=DAILY"),
        (BERLIN, "DESCRIPTION:folded before\n DTSTART:20260101T000000Z"),
    ],
)
def test_ordinary_events_take_the_short_way(lines):
    """To the same bytes."""
    long, short = ways(calendar(*lines))
    assert short is not None
    assert f"{short}END:VCALENDAR\r\n" == long[-len(short) - len("END:VCALENDAR\r\n") :]
    assert long.index("BEGIN:VEVENT") == len(long) - len(short) - len("END:VCALENDAR\r\n")


@pytest.mark.parametrize(
    "text",
    [
        calendar("DTSTART;VALUE=DATE:20260302", "SUMMARY:A day"),
        calendar("DTSTART:20260302T090000", "SUMMARY:Floating"),
        calendar("DTSTART:20260302T090000Z", "DURATION:PT1H"),
        calendar("DTSTART:20260302T090000Z", "DTEND:20260302T090000Z"),
        calendar("DTSTART;TZID=Europe/Berlin:20260302T090000", "DTEND:20260302T100000Z"),
        calendar("dtstart:20260302T090000Z", "SUMMARY:Lower case"),
        calendar("DTSTART:2026030\n 2T090000Z", "SUMMARY:Folded time"),
        calendar(UTC, "EXDATE:20260302T090000Z"),
        calendar(UTC, ALARM, "SUMMARY:After the alarm"),
        calendar(UTC, ALARM, "X-NOTE:END:VALARM"),
        calendar(UTC, "DESCRIPTION:BEGIN:VEVENT"),
        calendar(UTC).replace("\r\n", "\n"),
    ],
)
def test_whatever_is_unusual_is_left_to_the_long_way(text):
    """Rather than guessed."""
    assert ways(text)[1] is None


PIECES = st.sampled_from(
    [
        *BERLIN.split("\n"), *UTC.split("\n"), ALARM, "DTEND:20260302T090001Z", "DUE:20260302T1",
        "DTSTART;VALUE=DATE:20260302", "DURATION:PT1H", "SUMMARY:A\n B", "X-A;TZID=U:1", "",
        "DESCRIPTION:\n DTEND:20260302T100000Z", "EXDATE:20260302T090000Z", "BEGIN:X\nEND:X",
        "DTSTART;TZID=America/New_York:20261101T013000",
        "DTEND;TZID=America/New_York:20261101T014500",
        "DTEND;X-A=1:20260302T100000Z", "begin:valarm\ntrigger:-PT1M\naction:AUDIO\nend:valarm",
    ]
)  # fmt: skip


@given(st.lists(PIECES, min_size=1, max_size=6))
def test_both_ways_end_at_the_same_bytes(lines):
    """Whatever the lines, if the object is accepted at all."""
    try:
        long, short = ways(calendar(*lines))
    except BridgeError:
        return
    if short is not None:
        assert long.endswith(f"\r\n{short}END:VCALENDAR\r\n")
