"""Patches change the properties concerned and no other byte."""

from datetime import UTC, datetime

import pytest

from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import read_line, text_line
from bridge.ical.patch import PropertyChange, build, patch
from bridge.ical.times import moment_line
from bridge.ical.zones import has_definition

LINES = [
    "summary;LANGUAGE=cs:Sche",
    "  duzka",
    "DTSTART:20260310T100000Z",
    "ATTENDEE;CN=A:mailto:a@x",
    "X-ODD:1",
    "ATTENDEE;CN=B:mailto:b@x",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "SUMMARY:not this one",
    "TRIGGER:-PT5M",
    "END:VALARM",
]


def change(name, *texts):
    """Return the change of a property to these lines."""
    return PropertyChange(name=name, lines=tuple(read_line(text) for text in texts))


@pytest.mark.parametrize("line_break", ["\r\n", "\n"])
def test_a_changed_line_takes_the_place_of_the_old_one(event_text, line_break):
    """Folded lines go as a whole, the line end in use is used, alarms keep their own."""
    text = event_text(*LINES, line_break=line_break)
    patched = patch(CalendarObject.parse(text), [change("SUMMARY", "SUMMARY:New")])
    old = f"summary;LANGUAGE=cs:Sche{line_break}  duzka{line_break}"
    assert patched.text == text.replace(old, f"SUMMARY:New{line_break}")


def test_a_new_property_goes_to_the_end_of_the_components_own_lines(event_text):
    """Before the alarm, after the last property."""
    text = event_text(*LINES)
    patched = patch(CalendarObject.parse(text), [change("LOCATION", "LOCATION:Here")])
    anchor = "ATTENDEE;CN=B:mailto:b@x\r\n"
    assert patched.text == text.replace(anchor, anchor + "LOCATION:Here\r\n")


def test_a_property_without_lines_is_removed(event_text):
    """And nothing else."""
    text = event_text(*LINES)
    patched = patch(CalendarObject.parse(text), [change("X-ODD")])
    assert patched.text == text.replace("X-ODD:1\r\n", "")


def test_lines_that_say_the_same_already_stay_as_they_are(event_text):
    """Only the one guest who changed is rewritten."""
    text = event_text(*LINES)
    patched = patch(
        CalendarObject.parse(text),
        [change("ATTENDEE", "ATTENDEE;CN=A:mailto:a@x", "ATTENDEE;CN=Bea:mailto:b@x")],
    )
    assert patched.text == text.replace("CN=B:", "CN=Bea:")


def test_nothing_to_change_returns_the_object_itself(event_text):
    """No new text, so no new version."""
    item = CalendarObject.parse(event_text(*LINES))
    assert patch(item, [change("X-ODD", "X-ODD:1"), change("LOCATION")]) is item


def test_overrides_are_not_touched_by_a_patch_of_the_master(event_text):
    """The head is the master, wherever it stands."""
    first = ["RECURRENCE-ID:20260311T100000Z", "DTSTART:20260311T110000Z", "SUMMARY:moved"]
    second = ["END:VEVENT", "BEGIN:VEVENT", "UID:e-1", "DTSTART:20260310T100000Z", "SUMMARY:a"]
    text = event_text(*first, *second)
    patched = patch(CalendarObject.parse(text), [change("SUMMARY", "SUMMARY:b")])
    assert patched.text == text.replace("SUMMARY:a", "SUMMARY:b")


def test_a_zone_the_text_does_not_define_is_added_once(event_text):
    """Two times of one zone need one VTIMEZONE; a second patch needs none."""
    item = CalendarObject.parse(event_text(*LINES))
    at = datetime(2026, 3, 11, 10, tzinfo=UTC)
    changes = [
        PropertyChange(name=name, lines=(moment_line(name, at, "Europe/Prague"),))
        for name in ("DTSTART", "DTEND")
    ]
    patched = patch(item, changes)
    assert patched.text.count("BEGIN:VTIMEZONE") == 1
    assert has_definition(patched.source(), "Europe/Prague")
    again = patch(patched, [PropertyChange(name="DTEND", lines=(moment_line("DTEND", at, "UTC"),))])
    assert again.text.count("BEGIN:VTIMEZONE") == 1
    assert CalendarObject.parse(again.text) == again


def test_a_built_object_is_valid_whatever_its_uid_and_text_hold():
    """Hostile values become text, never lines."""
    item = build(
        uid='a;b,c\\"<../',
        component="VTODO",
        lines=[text_line("SUMMARY", "END:VTODO\r\nEND:VCALENDAR")],
    )
    assert CalendarObject.parse(item.text) == item
    assert item.head().text("SUMMARY") == "END:VTODO\nEND:VCALENDAR"
