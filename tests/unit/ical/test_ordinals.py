"""Instances of a series found again after the series was changed, by ordinal or by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.ical.ordinals import Pattern, carried, lines_from, present, starts
from bridge.ical.rule_steps import TooFarToFollow

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def timed(*lines, at="2026-03-10T09:00", zone=BERLIN, minutes=60):
    """Return a timed series."""
    start = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone))
    span = TimedSpan(start=start, end=start + timedelta(minutes=minutes), zone=zone)
    return Pattern(span=span, lines=lines)


def days(*lines, first=date(2026, 3, 10)):
    """Return an all-day series."""
    return Pattern(span=AllDaySpan(start=first, end=first + timedelta(days=1)), lines=lines)


def first_of(pattern, count):
    """Return its first original starts."""
    return list(islice(starts(pattern), count))


def test_starts_keep_their_wall_time_when_clocks_change():
    """Nine in Berlin is eight in UTC in winter and seven in summer."""
    pattern = timed("RRULE:FREQ=WEEKLY", at="2026-03-24T09:00")
    assert first_of(pattern, 2) == ["20260324T080000Z", "20260331T070000Z"]


def test_a_start_the_clock_skips_is_read_with_the_offset_before_the_gap():
    """RFC 5545 section 3.3.5; the night of 29 March 2026 has no half past two."""
    pattern = timed("RRULE:FREQ=DAILY", at="2026-03-28T02:30")
    assert first_of(pattern, 3) == ["20260328T013000Z", "20260329T013000Z", "20260330T003000Z"]


def test_starts_end_with_count_and_with_until():
    """UNTIL is inclusive and an instant; of days it is a day."""
    assert len(list(starts(timed("RRULE:FREQ=DAILY;COUNT=3")))) == 3
    until = timed("RRULE:FREQ=DAILY;UNTIL=20260312T080000Z")
    assert list(starts(until))[-1] == "20260312T080000Z"
    assert list(starts(days("RRULE:FREQ=DAILY;UNTIL=20260312"))) == [
        "20260310",
        "20260311",
        "20260312",
    ]


def test_single_dates_stand_among_those_of_the_rule():
    """Each moment once, in order."""
    pattern = timed(
        "RRULE:FREQ=WEEKLY;COUNT=2", "RDATE:20260312T080000Z,20260317T080000Z,20260401T070000Z"
    )
    assert list(starts(pattern)) == [
        "20260310T080000Z",
        "20260312T080000Z",
        "20260317T080000Z",
        "20260401T070000Z",
    ]


def test_the_first_instance_counts_although_the_rule_does_not_have_it():
    """RFC 5545 section 3.8.5.3: DTSTART is the first one."""
    pattern = timed("RRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=2", at="2026-03-10T09:00")
    assert list(starts(pattern))[:2] == ["20260310T080000Z", "20260312T080000Z"]


def test_excluded_rules_are_taken_off():
    """EXRULE is old, and still a rule."""
    pattern = timed("RRULE:FREQ=DAILY;COUNT=4", "EXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2")
    assert list(starts(pattern)) == ["20260311T080000Z", "20260313T080000Z"]


def test_only_moments_the_series_has_are_present():
    """A name of another moment is no instance."""
    pattern = timed("RRULE:FREQ=WEEKLY")
    keys = {"20260310T080000Z", "20260311T080000Z", "20270105T080000Z"}
    assert present(keys, pattern) == {"20260310T080000Z", "20270105T080000Z"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            timed("RRULE:FREQ=WEEKLY"),
            timed("RRULE:FREQ=WEEKLY", at="2026-03-10T15:00"),
            {"20260317T080000Z": "20260317T140000Z", "20260331T070000Z": "20260331T130000Z"},
            id="another hour, across a change of the clock",
        ),
        pytest.param(
            timed("RRULE:FREQ=WEEKLY;BYDAY=TU"),
            timed("RRULE:FREQ=WEEKLY;BYDAY=WE", at="2026-03-11T09:00"),
            {"20260317T080000Z": "20260318T080000Z"},
            id="another weekday",
        ),
        pytest.param(
            timed("RRULE:FREQ=WEEKLY"),
            timed("RRULE:FREQ=WEEKLY", zone=NEW_YORK),
            {"20260317T080000Z": "20260317T130000Z", "20260331T070000Z": "20260331T130000Z"},
            id="another zone",
        ),
        pytest.param(
            timed("RRULE:FREQ=WEEKLY"),
            days("RRULE:FREQ=WEEKLY"),
            {"20260317T080000Z": "20260317"},
            id="all-day now",
        ),
        pytest.param(
            days("RRULE:FREQ=DAILY"),
            days("RRULE:FREQ=DAILY", first=date(2026, 3, 11)),
            {"20260310": "20260311", "20260314": "20260315"},
            id="a day later",
        ),
        pytest.param(
            timed("RRULE:FREQ=DAILY"),
            timed("RRULE:FREQ=DAILY;COUNT=3", at="2026-03-10T10:00"),
            {"20260312T080000Z": "20260312T090000Z", "20260313T080000Z": None},
            id="moved, and cut short",
        ),
        pytest.param(
            timed("RRULE:FREQ=DAILY;COUNT=5"),
            timed("RRULE:FREQ=DAILY;UNTIL=20260312T080000Z"),
            {"20260312T080000Z": "20260312T080000Z", "20260313T080000Z": None},
            id="cut short by a day",
        ),
        pytest.param(
            timed("RRULE:FREQ=WEEKLY;BYDAY=TU"),
            timed("RRULE:FREQ=WEEKLY;BYDAY=TU,TH"),
            {"20260324T080000Z": "20260324T080000Z"},
            id="a further weekday shifts nothing",
        ),
        pytest.param(
            timed("RRULE:FREQ=WEEKLY"),
            timed("RRULE:FREQ=WEEKLY;INTERVAL=2"),
            {"20260317T080000Z": None, "20260324T080000Z": "20260324T080000Z"},
            id="every other week",
        ),
        pytest.param(
            timed("RRULE:FREQ=WEEKLY"),
            timed("RRULE:FREQ=WEEKLY", "RDATE:20260312T080000Z"),
            {"20260317T080000Z": "20260317T080000Z"},
            id="a further date shifts nothing",
        ),
        pytest.param(
            timed("RRULE:FREQ=WEEKLY", "RDATE:20260312T080000Z,20260320T080000Z"),
            timed(
                "RRULE:FREQ=WEEKLY",
                "RDATE:20260312T100000Z,20260320T100000Z",
                at="2026-03-10T11:00",
            ),
            {"20260320T080000Z": "20260320T100000Z", "20260317T080000Z": "20260317T100000Z"},
            id="single dates have ordinals of their own",
        ),
        pytest.param(
            timed("RRULE:FREQ=WEEKLY"),
            timed(),
            {"20260310T080000Z": None},
            id="a single event now",
        ),
        pytest.param(
            timed("RRULE:FREQ=WEEKLY"),
            timed("RRULE:FREQ=WEEKLY", at="2026-03-10T10:00"),
            {"20260311T080000Z": None},
            id="what was no instance is none now",
        ),
    ],
)
def test_instances_are_found_again(old, new, expected):
    """By ordinal where the beginning moved, by name where it did not."""
    assert carried(expected.keys(), old, new) == expected


def test_a_rule_without_end_that_never_comes_is_not_followed_for_ever():
    """Work is bounded; the item is parked rather than its instances lost."""
    pattern = timed("RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30")
    with pytest.raises(TooFarToFollow):
        first_of(pattern, 3)


def test_a_series_beyond_twenty_thousand_instances_is_refused():
    """Saying that an instance is gone would be a lie."""
    with pytest.raises(TooFarToFollow):
        first_of(timed("RRULE:FREQ=HOURLY"), 30_000)


def test_what_cannot_be_followed_is_told_as_such():
    """Odd rules look well-formed."""
    with pytest.raises(TooFarToFollow):
        first_of(timed("RRULE:FREQ=DAILY;BYDAY=1XX"), 1)


def test_a_day_as_until_of_a_timed_series_includes_that_day():
    """As people mean it who write it so."""
    pattern = timed("RRULE:FREQ=DAILY;UNTIL=20260311")
    assert list(starts(pattern)) == ["20260310T080000Z", "20260311T080000Z"]


def test_utc_series_need_no_zone():
    """Their clock is UTC."""
    start = datetime(2026, 3, 10, 8, tzinfo=UTC)
    span = TimedSpan(start=start, end=start)
    pattern = Pattern(span=span, lines=["RRULE:FREQ=DAILY;COUNT=1", "RDATE;VALUE=DATE:20260311"])
    assert list(starts(pattern)) == ["20260310T080000Z", "20260311T080000Z"]


@pytest.mark.parametrize(
    ("dates", "kept"),
    [
        (
            "RDATE:20260311T090000Z,20260312T090000Z,20260313T090000Z",
            ":20260312T090000Z,20260313T090000Z",
        ),
        ("RDATE;VALUE=DATE:20260311,20260313", ";VALUE=DATE:20260313"),
        ("RDATE:20260311T090000Z", None),
    ],
)
def test_a_series_begun_later_has_no_dates_before_that(dates, kept):
    """Its rules stay as they are."""
    rules = ("RRULE:FREQ=WEEKLY;COUNT=3", "EXRULE:FREQ=MONTHLY")
    key = "20260312T090000Z" if "T" in dates else "20260312"
    expected = (rules[0], *([f"RDATE{kept}"] if kept else []), rules[1])
    assert lines_from((rules[0], dates, rules[1]), key) == expected
