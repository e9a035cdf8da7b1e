"""An object keeps what a client wrote when the CRM moves it to the other collection."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.convert.recast import recast
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\nX-WR-ODD:1\r\n"
KEPT = (
    "ORGANIZER;CN=Boss:mailto:boss@example.com\r\n"
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:eva@example.com\r\n"
    'X-PHONE;X-P="a;b":kept\\, as\r\n  it is\r\n'
    "SEQUENCE:4\r\n"
)
ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"
STAMPS = "UID:a@x\r\nDTSTAMP:20260301T000000Z\r\n"


def calendar(component, *members):
    """Return an object with these members, each given by its own lines."""
    wrapped = "".join(
        f"BEGIN:{component}\r\n{STAMPS}{lines}END:{component}\r\n" for lines in members
    )
    return CalendarObject.parse(f"{HEAD}{wrapped}END:VCALENDAR\r\n")


SERIES = calendar(
    "VEVENT",
    "DTSTART:20260310T090000Z\r\nDTEND:20260310T100000Z\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n"
    f"SUMMARY:Review\r\nTRANSP:OPAQUE\r\nSTATUS:CONFIRMED\r\n{KEPT}{ALARM}",
    "RECURRENCE-ID:20260317T090000Z\r\nDTSTART:20260317T110000Z\r\nDTEND:20260317T113000Z\r\n"
    "SUMMARY:✓ Review\\, moved\r\nX-CRM-DONE:TRUE\r\n",
)


def test_a_series_of_events_becomes_one_of_todos_with_all_a_client_wrote():
    """DTEND is called DUE, what only events have goes, everything else stays as it stood."""
    made = recast(SERIES, "VTODO")
    expected = (
        f"{HEAD}BEGIN:VTODO\r\n{STAMPS}DTSTART:20260310T090000Z\r\nDUE:20260310T100000Z\r\n"
        f"RRULE:FREQ=WEEKLY;COUNT=4\r\nSUMMARY:Review\r\n{KEPT}{ALARM}END:VTODO\r\n"
        f"BEGIN:VTODO\r\n{STAMPS}RECURRENCE-ID:20260317T090000Z\r\nDTSTART:20260317T110000Z\r\n"
        "DUE:20260317T113000Z\r\nSUMMARY:Review\\, moved\r\n"
        "STATUS:COMPLETED\r\nPERCENT-COMPLETE:100\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )
    assert made.text == expected
    assert made.component == "VTODO"


def test_there_and_back_differs_in_what_only_events_have():
    """Done of an override becomes the mark again."""
    back = recast(recast(SERIES, "VTODO"), "VEVENT")
    gone = ("TRANSP:OPAQUE", "STATUS:CONFIRMED")
    kept = [line for line in SERIES.text.splitlines() if line not in gone]
    assert sorted(back.text.splitlines()) == sorted(kept)


@pytest.mark.parametrize(
    ("event", "todo"),
    [
        ("DTSTART;VALUE=DATE:20260310\r\nDTEND;VALUE=DATE:20260312\r\n",
         "DTSTART;VALUE=DATE:20260310\r\nDUE;VALUE=DATE:20260311\r\n"),
        ("DTSTART:20260310T090000Z\r\nDURATION:PT1H\r\n",
         "DTSTART:20260310T090000Z\r\nDURATION:PT1H\r\n"),
        ("DTSTART;TZID=Europe/Berlin:20260310T090000\r\n"
         "DTEND;TZID=Europe/Berlin:20260310T100000\r\n",
         "DTSTART;TZID=Europe/Berlin:20260310T090000\r\n"
         "DUE;TZID=Europe/Berlin:20260310T100000\r\n"),
    ],
)  # fmt: skip
def test_times_are_the_same_both_ways(event, todo):
    """Days end before DTEND and with DUE."""
    assert recast(calendar("VEVENT", event), "VTODO").text == calendar("VTODO", todo).text
    assert recast(calendar("VTODO", todo), "VEVENT").text == calendar("VEVENT", event).text


def test_a_todo_that_is_only_due_begins_then():
    """An event needs a start (RFC 5545 section 3.6.1)."""
    made = recast(calendar("VTODO", "DUE:20260310T090000Z\r\nPRIORITY:1\r\n"), "VEVENT")
    assert made.text == calendar("VEVENT", "DTSTART:20260310T090000Z\r\nPRIORITY:1\r\n").text


def test_done_of_the_master_is_left_to_its_activity():
    """Only what only to-dos have goes."""
    lines = "DTSTART:20260310T090000Z\r\nSTATUS:COMPLETED\r\nPERCENT-COMPLETE:100\r\n"
    made = recast(calendar("VTODO", f"{lines}COMPLETED:20260310T100000Z\r\n"), "VEVENT")
    assert made.text == calendar("VEVENT", "DTSTART:20260310T090000Z\r\n").text


def test_cancelled_stays_cancelled():
    """Both components know that status."""
    lines = "DTSTART:20260310T090000Z\r\nSTATUS:CANCELLED\r\n"
    assert recast(calendar("VEVENT", lines), "VTODO").text == calendar("VTODO", lines).text


@pytest.mark.skipif(
    not os.environ.get("CRMDAV_TEST_CORPUS"), reason="CRMDAV_TEST_CORPUS names no sample folder"
)
def test_every_sample_can_be_the_other_component():
    """What is accepted is accepted as the other one, but for a few with broken lines."""
    other = {"VEVENT": "VTODO", "VTODO": "VEVENT"}
    seen, broken = 0, 0
    for path in sorted(Path(os.environ["CRMDAV_TEST_CORPUS"]).glob("ics/**/*.ics")):
        try:
            item = CalendarObject.parse(path.read_bytes().decode("utf-8"))
        except (ConversionError, UnicodeDecodeError):
            continue
        if item.component not in other:
            continue
        made = recast(item, other[item.component])
        if made is None:
            broken += 1
            continue
        assert made.text.count("BEGIN:VALARM") == item.text.count("BEGIN:VALARM")
        unknown = [line.text for part in item.members() for line in part.lines if _is_own(line)]
        kept = [line.text for part in made.members() for line in part.lines if _is_own(line)]
        assert kept == unknown, path
        seen += 1
    assert seen > 200
    assert broken < 10


def _is_own(line):
    return line.name.startswith("X-") and not line.name.startswith("X-CRM-")
