"""A whole calendar made of its objects' own lines."""

from __future__ import annotations

import pytest

from bridge.ical.scanner import scan
from radicale_plugin.export import components_of, whole_calendar

ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID;X=1:Europe/Prague\r\nBEGIN:STANDARD\r\nTZOFFSETTO:+0100\r\n"
    "END:STANDARD\r\nEND:VTIMEZONE\r\n"
)
ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\n"


def calendar(*components, end="\r\n"):
    """Return a calendar of these components."""
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(components)}END:VCALENDAR\r\n"
    return text.replace("\r\n", end)


def event(uid, inner=""):
    """Return an event."""
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:BEGIN:VEVENT\r\n END:VEVENT\r\n{inner}END:VEVENT\r\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        calendar(event("a")),
        calendar(ZONE, event("a", ALARM), event("a")),
        calendar(event("a", ALARM), end="\n"),
        calendar(event("a")).rstrip(),
        calendar(event("a")).replace("BEGIN:VEVENT\r\nUID", "begin:vevent\r\nUID"),
        calendar(event("a")).replace("BEGIN:VEVENT\r\nUID", "BEGIN;X=1:VEVENT\r\nUID"),
        calendar(event("a")).replace("BEGIN:VEVENT\r\nUID", "BEG\r\n IN:VEVENT\r\nUID"),
        calendar(event("a")).replace("BEGIN:VEVENT\r\nUID", "BEGIN:VE\r\n\tVENT\r\nUID"),
        calendar(),
    ],
)
def test_components_are_those_of_a_full_reading(text):
    """However borders are written."""
    whole = [text[part.start : part.end] for part in scan(text).components]
    assert list(components_of(text)) == whole


def test_zones_are_told_once_and_lines_end_as_they_should():
    """First the zones, then all else in its order."""
    text = whole_calendar(
        [calendar(ZONE, event("a"), end="\n"), calendar(ZONE, event("b"))],
        name="My, calendar",
    )
    assert text.count("TZID") == 1
    assert "\n" not in text.replace("\r\n", "")
    assert "X-WR-CALNAME:My\\, calendar\r\n" in text
    assert text.index("TZID") < text.index("UID:a") < text.index("UID:b")
    assert scan(text).name == "VCALENDAR"
