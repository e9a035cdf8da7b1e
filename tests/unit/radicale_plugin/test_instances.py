"""Instances of series, within bounds."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from bridge.ical.calendar_object import CalendarObject
from radicale_plugin.export import whole_calendar
from radicale_plugin.freebusy import free_busy
from radicale_plugin.instances import Budget, TooFarToFollow, expanded, instances, occurs
from radicale_plugin.refusals import Refusal
from radicale_plugin.request import Expansion

MARCH = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def item(*lines: str, component: str = "VEVENT") -> CalendarObject:
    """Return an object with these lines besides UID and DTSTAMP."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", f"BEGIN:{component}", "UID:u"]
    tail = [f"END:{component}", "END:VCALENDAR", ""]
    return CalendarObject.parse("\r\n".join([*head, "DTSTAMP:20260101T000000Z", *lines, *tail]))


def count(*lines: str) -> int:
    """Return how many instances an event has in March."""
    return len(instances(item(*lines), *MARCH, budget=Budget(5000)))


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (("DTSTART:20260310T090000Z",), 1),
        (("DTSTART:20260410T090000Z",), 0),
        (("DTSTART:20260105T090000Z", "RRULE:FREQ=WEEKLY"), 5),
        (("DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=DAILY"), 31),
        (("DTSTART:20260301T090000", "RRULE:FREQ=DAILY;COUNT=3"), 3),
        (("DTSTART:20000103T090000Z", "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR"), 22),
        (("DTSTART:20260105T090000Z", "RRULE:FREQ=WEEKLY;UNTIL=20260310T000000Z"), 2),
        (("DTSTART:20260105T090000Z", "RDATE:20260310T090000Z"), 1),
        (("DTSTART:20260101T090000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), 0),
    ],
)
def test_instances_of_a_month(lines, number):
    """Single, endless, bounded, all-day, floating and impossible ones."""
    assert count(*lines) == number


def test_an_instance_over_the_border_of_two_windows_is_one():
    """Long spans are followed in pieces."""
    lone = item("DTSTART:20260101T000000Z", "DTEND:20271231T000000Z")
    wide = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    assert len(instances(lone, *wide, budget=Budget(10))) == 1


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY"),
        ("DTSTART:19700101T000000Z", "RRULE:FREQ=MINUTELY;INTERVAL=2"),
        ("DTSTART:19700101T000000Z", "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5,6;BYMINUTE=1,2,3"),
    ],
)
def test_a_series_with_too_many_steps_is_not_followed(lines):
    """It is answered at once, as a match that cannot be ruled out."""
    begin = time.perf_counter()
    with pytest.raises(TooFarToFollow):
        instances(item(*lines), *MARCH, budget=Budget(5000))
    assert occurs(item(*lines), *MARCH)
    window = Expansion(start=MARCH[0], end=MARCH[1])
    assert expanded(item(*lines), window, budget=Budget(10)) == item(*lines).text
    assert time.perf_counter() - begin < 2


def test_all_of_time_is_answered_from_the_first_hit():
    """A window of 10,000 years costs no more than it has to (X15)."""
    series = item("DTSTART:20260105T090000Z", "RRULE:FREQ=WEEKLY")
    begin = time.perf_counter()
    everything = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    assert occurs(series, *everything)
    assert time.perf_counter() - begin < 2


def test_the_budget_is_shared_and_ends():
    """A REPORT gives so many instances and no more."""
    daily = item("DTSTART:20260101T090000Z", "RRULE:FREQ=DAILY")
    budget = Budget(40)
    assert len(instances(daily, *MARCH, budget=budget)) == 31
    with pytest.raises(Refusal):
        instances(daily, *MARCH, budget=budget)


def test_expansion_of_a_lone_override():
    """One instance somebody was invited to: no master, no failure."""
    override = item("DTSTART:20260310T090000Z", "RECURRENCE-ID:20260309T090000Z")
    window = Expansion(start=MARCH[0], end=MARCH[1])
    text = expanded(override, window, budget=Budget(10))
    assert text is not None
    assert "DTSTART:20260310T090000Z" in text


def test_expansion_tells_utc_and_no_rules():
    """RFC 4791 section 9.6.5."""
    series = item(
        "DTSTART;TZID=Europe/Prague:20260105T090000",
        "DTEND;TZID=Europe/Prague:20260105T100000",
        "RRULE:FREQ=WEEKLY",
        "SUMMARY:x",
    )
    window = Expansion(start=MARCH[0], end=MARCH[1])
    text = expanded(series, window, budget=Budget(10))
    assert text is not None
    assert text.count("BEGIN:VEVENT") == 5
    assert "DTSTART:20260302T080000Z" in text
    assert "DTSTART:20260330T070000Z" in text, "summer time has begun"
    assert "RRULE" not in text
    assert "TZID" not in text


def test_free_busy_clips_to_the_window_and_counts_days():
    """An all-day event blocks its days."""
    window = Expansion(start=MARCH[0], end=datetime(2026, 3, 3, tzinfo=UTC))
    text = free_busy(
        [
            item("DTSTART;VALUE=DATE:20260302"),
            item("DTSTART:20260228T230000Z", "DTEND:20260301T010000Z"),
            item("DTSTART:20260301T120000Z", "DTEND:20260301T130000Z", "STATUS:CANCELLED"),
        ],
        window,
        budget=Budget(10),
    )
    lines = [line for line in text.split("\r\n") if line.startswith("FREEBUSY")]
    assert lines == [
        "FREEBUSY;FBTYPE=BUSY:20260301T000000Z/20260301T010000Z",
        "FREEBUSY;FBTYPE=BUSY:20260302T000000Z/20260303T000000Z",
    ]


def test_whole_calendar_takes_any_line_ends():
    """What was put with bare line feeds is not lost, and each zone is told once."""
    text = item("DTSTART:20260310T090000Z").text.replace("\r\n", "\n")
    one = CalendarObject.parse(text)
    whole = whole_calendar([one, one], name="Práce; doma")
    assert whole.count("BEGIN:VEVENT\r\n") == 2
    assert whole.count("BEGIN:VCALENDAR") == 1
    assert "X-WR-CALNAME:Práce\\; doma\r\n" in whole
    assert "\n" not in whole.replace("\r\n", "")
