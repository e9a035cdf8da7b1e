"""Plain rules as a form has them, and dates carried along with a moved series."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.errors import InvalidInput
from bridge.ical.repeat import Frequency, Repeat, repeat_of, rule_line
from bridge.ical.series_dates import carried_lines

PRAGUE = ZoneInfo("Europe/Prague")
TUESDAY = datetime(2026, 3, 24, 10, tzinfo=PRAGUE)


@pytest.mark.parametrize(
    ("rule", "same_as"),
    [
        ("FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;INTERVAL=3"),
        ("FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY"),
        ("FREQ=WEEKLY;BYDAY=FR,TU", "FREQ=WEEKLY;BYDAY=FR,TU"),
        ("FREQ=WEEKLY;UNTIL=20260630T215959Z", "FREQ=WEEKLY;UNTIL=20260630T215959Z"),
        ("FREQ=MONTHLY;BYMONTHDAY=24;COUNT=5", "FREQ=MONTHLY;COUNT=5"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=24", "FREQ=YEARLY"),
        ("FREQ=WEEKLY;WKST=SU", "FREQ=WEEKLY"),
    ],
)
def test_a_plain_rule_is_read_and_written_alike(rule, same_as):
    """What the first date says anyway is left out; the instances are the same."""
    repeat = repeat_of([f"RRULE:{rule}"], TUESDAY)
    assert rule_line(repeat, TUESDAY) == f"RRULE:{same_as}"


@pytest.mark.parametrize(
    "lines",
    [
        ["RRULE:FREQ=MONTHLY;BYDAY=2TU"],
        ["RRULE:FREQ=MONTHLY;BYMONTHDAY=25"],
        ["RRULE:FREQ=YEARLY;BYMONTHDAY=24"],
        ["RRULE:FREQ=DAILY;BYDAY=MO"],
        ["RRULE:FREQ=HOURLY"],
        ["RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU"],
        ["RRULE:FREQ=WEEKLY;COUNT=99999"],
        ["RRULE:FREQ=WEEKLY;UNTIL=soon"],
        ["RRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY"],
        ["RRULE:FREQ=WEEKLY", "RDATE:20260401T080000Z"],
        ["RDATE:20260401T080000Z"],
    ],
)
def test_what_says_more_is_no_plain_rule(lines):
    """Whoever edits plain rules leaves these alone."""
    assert repeat_of(lines, TUESDAY) is None


def test_excluded_dates_do_not_hide_a_plain_rule():
    """They are no rule."""
    lines = ["RRULE:FREQ=DAILY", "EXDATE:20260401T080000Z"]
    assert repeat_of(lines, TUESDAY) == Repeat(frequency=Frequency.DAILY)


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20260331T080000Z", date(2026, 3, 31)),  # 10:00 in Prague: the very last start
        ("20260331T075959Z", date(2026, 3, 30)),
        ("20260331T100000", date(2026, 3, 31)),
        ("20260331", date(2026, 3, 31)),
    ],
)
def test_until_is_the_last_day_that_an_instance_begins_on(until, last):
    """Seen on the series' own clock, on both sides of a change of time."""
    repeat = repeat_of([f"RRULE:FREQ=DAILY;UNTIL={until}"], TUESDAY)
    assert repeat.until == last


def test_until_of_whole_days_is_a_date():
    """RFC 5545 section 3.3.10: of the type of DTSTART."""
    repeat = Repeat(frequency=Frequency.DAILY, until=date(2026, 4, 1))
    assert rule_line(repeat, date(2026, 3, 24)) == "RRULE:FREQ=DAILY;UNTIL=20260401"


def test_a_series_begins_with_its_first_date():
    """A weekday that is not chosen, or an end before the start, is refused by its field."""
    friday = Repeat(frequency=Frequency.WEEKLY, weekdays=frozenset({4}))
    with pytest.raises(InvalidInput, match="Tuesday") as refusal:
        rule_line(friday, TUESDAY)
    assert refusal.value.field == "weekdays"
    with pytest.raises(InvalidInput) as refusal:
        rule_line(Repeat(frequency=Frequency.DAILY, until=date(2026, 3, 23)), TUESDAY)
    assert refusal.value.field == "until"


def test_dates_move_with_the_series_on_the_wall_clock():
    """An instance taken out stays out, after a change of time as well."""
    lines = ["RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Prague:20260324T100000,20260331T100000"]
    moved = carried_lines(lines, TUESDAY, datetime(2026, 3, 25, 11, 30, tzinfo=PRAGUE))
    expected = "EXDATE;TZID=Europe/Prague:20260325T113000,20260401T113000"
    assert moved == ("RRULE:FREQ=WEEKLY", expected)


def test_dates_become_days_and_times_again():
    """A series made all-day and back keeps what was taken out of it."""
    lines = ("RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Prague:20260331T100000")
    days = carried_lines(lines, TUESDAY, date(2026, 3, 24))
    assert days[1] == "EXDATE;VALUE=DATE:20260331"
    assert carried_lines(days, date(2026, 3, 24), TUESDAY) == lines


def test_dates_with_a_length_of_their_own_stay():
    """A period is no instance of the rule."""
    lines = ("RDATE;VALUE=PERIOD:20260401T080000Z/PT1H",)
    assert carried_lines(lines, TUESDAY, datetime(2026, 3, 25, 10, tzinfo=PRAGUE)) == lines
