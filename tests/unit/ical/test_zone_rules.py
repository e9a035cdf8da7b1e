"""The offsets that a VTIMEZONE of a text's own gives."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.errors import ConversionError
from bridge.ical.scanner import scan
from bridge.ical.zone_rules import LAST_YEAR, offset_at, parse_offset
from bridge.ical.zones import vtimezone_text

HOUR = timedelta(hours=1)


def definition(*observances):
    """Return a VTIMEZONE of observances, each DTSTART, from, to and more lines."""
    parts = "".join(
        f"BEGIN:STANDARD\r\nDTSTART:{start}\r\nTZOFFSETFROM:{before}\r\nTZOFFSETTO:{after}\r\n"
        + "".join(f"{line}\r\n" for line in more)
        + "END:STANDARD\r\n"
        for start, before, after, *more in observances
    )
    return scan(
        f"BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\n{parts}END:VTIMEZONE\r\nEND:VCALENDAR\r\n"
    ).components[0]


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
        "America/Santiago", "Asia/Tehran", "Pacific/Apia",
    ],
)  # fmt: skip
def test_definitions_of_the_tz_database_give_its_offsets(name):
    """Each noon of thirty years, as another library wrote the zone down."""
    text = vtimezone_text(name, 2000, 2030)
    zone = scan(f"BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n").components[0]
    day, known = datetime(2001, 1, 1, 12), ZoneInfo(name)  # noqa: DTZ001 (wall time)
    while day.year < 2030:
        assert offset_at(zone, day) == known.utcoffset(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("rule", "month", "day"),
    [
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", 3, 8),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", 3, 29),
        ("FREQ=YEARLY;BYDAY=SU;BYMONTH=3;BYMONTHDAY=8,9,10,11,12,13,14", 3, 8),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=-1", 3, 31),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=21;WKST=MO", 3, 21),
        ("freq=yearly;byday=+1fr", 1, 2),
        ("FREQ=YEARLY", 1, 31),
    ],
)
def test_rules_of_real_zones_are_understood(rule, month, day):
    """Counted weekdays, the first such weekday from a day on, days, and the day it began."""
    onset = datetime(2026, month, day, 2)  # noqa: DTZ001 (wall time)
    zone = definition(
        ("19700131T020000", "+0100", "+0200", f"RRULE:{rule}"),
        ("19701231T020000", "+0200", "+0100", "RRULE:FREQ=YEARLY"),
    )
    assert offset_at(zone, onset) == 2 * HOUR
    assert offset_at(zone, onset - timedelta(seconds=1)) == HOUR


def test_an_ended_rule_holds_its_last_onset():
    """UNTIL is in UTC (RFC 5545 section 3.3.10); COUNT is counted."""
    start = "19700301T020000"
    for end in ("UNTIL=19720301T010000Z", "UNTIL=19720301T020000", "COUNT=3"):
        zone = definition(
            (start, "+0100", "+0200", f"RRULE:FREQ=YEARLY;{end}"),
            ("19700901T020000", "+0200", "+0100", "RRULE:FREQ=YEARLY;UNTIL=19740101T000000Z"),
        )
        assert offset_at(zone, datetime(1972, 3, 2)) == 2 * HOUR  # noqa: DTZ001 (wall time)
        assert offset_at(zone, datetime(1973, 3, 2)) == HOUR  # noqa: DTZ001 (wall time)
        assert offset_at(zone, datetime(2026, 3, 2)) == HOUR  # noqa: DTZ001 (wall time)


def test_single_dates_count_and_odd_rules_are_their_start():
    """Before the first onset the offset is the one it changes from."""
    zone = definition(
        ("20000101T000000", "+0500", "+0100", "RRULE:FREQ=YEARLY;BYHOUR=1,2,3"),
        ("20100101T000000", "+0100", "+0200", "RDATE:20120101T000000,x,20110101T000000"),
        ("20110601T000000", "+0200", "+0300", "RRULE:FREQ=YEARLY;INTERVAL=7"),
        ("x", "nonsense", "nonsense"),
    )
    told = {1999: 5, 2005: 1, 2010: 2, 2011: 2, 2012: 2, 2020: 2}
    assert {year: offset_at(zone, datetime(year, 3, 1)) / HOUR for year in told} == told  # noqa: DTZ001 (wall time)
    assert offset_at(zone, datetime(2011, 7, 1)) == 3 * HOUR  # noqa: DTZ001 (wall time)


def test_times_beyond_the_years_worked_out_keep_the_hours_of_the_last():
    """Summer is summer in the year 9999 too."""
    zone = definition(
        ("19700329T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
        ("19701025T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
    )
    for year in (LAST_YEAR, LAST_YEAR + 1, 9999):
        assert offset_at(zone, datetime(year, 7, 31)) == 2 * HOUR  # noqa: DTZ001 (wall time)
        assert offset_at(zone, datetime(year, 12, 31)) == HOUR  # noqa: DTZ001 (wall time)
    assert offset_at(zone, datetime(2096, 2, 29)) == HOUR  # noqa: DTZ001 (wall time)


def test_a_zone_without_rules_or_with_broken_offsets_is_refused():
    """There is nothing to read a time by."""
    now = datetime.now(UTC).replace(tzinfo=None)
    for zone in (definition(), definition(("19700101T000000", "+0100", "+2400"))):
        with pytest.raises(ConversionError):
            offset_at(zone, now)
    assert parse_offset("-013015") == -timedelta(hours=1, minutes=30, seconds=15)
