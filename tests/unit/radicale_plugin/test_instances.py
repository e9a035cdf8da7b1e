"""What is told in place of series, and of busy times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.domain.identifiers import CalendarId, Href, Uid
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.spans import index_of
from bridge.store.calendar_values import StoredObject
from radicale_plugin.export import whole_calendar
from radicale_plugin.freebusy import free_busy
from radicale_plugin.instances import Budget, ShownInstances
from radicale_plugin.refusals import Refusal
from radicale_plugin.request import Expansion

MARCH = Expansion(start=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 4, 1, tzinfo=UTC))


def item(*lines: str, component: str = "VEVENT") -> CalendarObject:
    """Return an object with these lines besides UID and DTSTAMP."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", f"BEGIN:{component}", "UID:u"]
    tail = [f"END:{component}", "END:VCALENDAR", ""]
    return CalendarObject.parse("\r\n".join([*head, "DTSTAMP:20260101T000000Z", *lines, *tail]))


def stored(*lines: str, component: str = "VEVENT", **values: Any) -> StoredObject:
    """Return such an object as the store tells it."""
    made = item(*lines, component=component)
    index = index_of(made, floating_zone="UTC")
    return StoredObject(
        id=7,
        calendar_id=CalendarId(1),
        href=Href("u.ics"),
        uid=Uid("u"),
        component=component,
        text=made.text,
        revision=1,
        epoch="e",
        first_utc=index.first_utc,
        last_utc=index.last_utc,
        recurring=index.recurring,
        private=False,
        activity_id=None,
        modified_at=MARCH.start,
        **values,
    )


def test_instances_of_a_large_object_count_several_times():
    """Each of them repeats the whole text, so that a few can be as long as thousands."""
    daily = stored("DTSTART:20260101T090000Z", "RRULE:FREQ=DAILY", "DESCRIPTION:" + "x" * 80_000)
    assert ShownInstances(window=MARCH, budget=Budget(31 * 10)).of(daily) is not None
    with pytest.raises(Refusal):
        ShownInstances(window=MARCH, budget=Budget(31 * 9)).of(daily)


def test_the_budget_is_shared_and_ends():
    """A REPORT gives so many instances and no more."""
    daily = stored("DTSTART:20260101T090000Z", "RRULE:FREQ=DAILY")
    shown = ShownInstances(window=MARCH, budget=Budget(40))
    assert shown.of(daily).count("BEGIN:VEVENT") == 31
    with pytest.raises(Refusal):
        shown.of(daily)


def test_instances_on_record_are_told_without_following_the_rule():
    """What is on record counts, where the record reaches over the window."""
    known = {"known_since": MARCH.start, "known_until": MARCH.end}
    weekly = ("DTSTART:20260105T090000Z", "DTEND:20260105T100000Z", "RRULE:FREQ=WEEKLY")
    shown = ShownInstances(window=MARCH, budget=Budget(20), known={7: ["20260302T090000Z"]})
    assert shown.of(stored(*weekly, **known)).count("BEGIN:VEVENT") == 1
    assert shown.of(stored(*weekly)).count("BEGIN:VEVENT") == 5
    shorter = {**known, "known_until": datetime(2026, 3, 20, tzinfo=UTC)}
    assert shown.of(stored(*weekly, **shorter)).count("BEGIN:VEVENT") == 5
    nothing = ShownInstances(window=MARCH, budget=Budget(9))
    assert nothing.of(stored(*weekly, **known)) is None


def test_a_single_object_is_told_in_utc_if_it_is_in_the_window():
    """Without its VTIMEZONE, every other line as it stands."""
    shown = ShownInstances(window=MARCH, budget=Budget(9))
    text = shown.of(
        stored("DTSTART;TZID=Europe/Prague:20260310T090000", "DURATION:PT1H", "X-A;B=c:d")
    )
    assert "DTSTART:20260310T080000Z\r\n" in text
    assert "DTEND:20260310T090000Z\r\n" in text
    assert "X-A;B=c:d\r\n" in text
    assert "RECURRENCE-ID" not in text
    assert "DURATION" not in text
    assert shown.of(stored("DTSTART:20260401T000000Z")) is None


def test_undated_objects_in_a_window():
    """An undated to-do is in every window, an undated journal entry in none."""
    shown = ShownInstances(window=MARCH, budget=Budget(9))
    todo = stored("SUMMARY:x", component="VTODO")
    assert shown.of(todo) == todo.text
    assert shown.of(stored("SUMMARY:x", component="VJOURNAL")) is None


def test_free_busy_is_merged_and_in_order():
    """Times that touch are one; tentative ones are told apart."""
    hours = [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in range(12)]
    blocked = [
        (hours[4], hours[6], False),
        (hours[1], hours[2], False),
        (hours[2], hours[3], False),
        (hours[8], hours[9], True),
    ]
    text = free_busy(blocked, MARCH)
    assert [line for line in text.split("\r\n") if line.startswith("FREEBUSY")] == [
        "FREEBUSY;FBTYPE=BUSY:20260302T010000Z/20260302T030000Z",
        "FREEBUSY;FBTYPE=BUSY:20260302T040000Z/20260302T060000Z",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260302T080000Z/20260302T090000Z",
    ]


def test_whole_calendar_takes_any_line_ends():
    """What was put with bare line feeds is not lost, and each zone is told once."""
    text = item("DTSTART:20260310T090000Z").text.replace("\r\n", "\n")
    one = CalendarObject.parse(text)
    whole = whole_calendar([one.text, one.text], name="Práce; doma")
    assert whole.count("BEGIN:VEVENT\r\n") == 2
    assert whole.count("BEGIN:VCALENDAR") == 1
    assert "X-WR-CALNAME:Práce\\; doma\r\n" in whole
    assert "\n" not in whole.replace("\r\n", "")
