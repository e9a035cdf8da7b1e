"""Laws of finding instances again: back is where they were, never two for one, as others count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.identifiers import Uid
from bridge.domain.spans import TimedSpan
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.instances import instances
from bridge.ical.ordinals import Pattern, carried, starts

ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"])
# Hours that no clock of these zones skips or shows twice: there two instances may be one.
WALLS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001 (walls)
    lambda wall: wall.replace(hour=4 + wall.hour % 18, second=0, microsecond=0)
)
RULES = st.builds(
    "RRULE:FREQ={};INTERVAL={}{}".format,
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 3),
    st.one_of(st.just(""), st.integers(3, 30).map(";COUNT={}".format)),
)


def pattern(wall, zone, *lines):
    """Return a series of half hours."""
    start = wall.replace(tzinfo=ZoneInfo(zone))
    return Pattern(
        span=TimedSpan(start=start, end=start + timedelta(minutes=30), zone=zone), lines=lines
    )


SERIES = st.builds(pattern, WALLS, ZONES, RULES)


@given(WALLS, ZONES, WALLS, ZONES, RULES)
def test_what_is_moved_there_and_back_is_where_it_was(wall, zone, other_wall, other_zone, rule):
    """By ordinal nothing gets lost while both series have as many instances."""
    old, new = pattern(wall, zone, rule), pattern(other_wall, other_zone, rule)
    keys = list(islice(starts(old), 8))
    there = carried(keys, old, new)
    assert list(there.values()) == list(islice(starts(new), len(keys)))
    back = carried([key for key in there.values() if key is not None], new, old)
    assert list(back.values()) == keys


@given(SERIES, SERIES)
def test_no_two_instances_become_one(old, new):
    """Whatever becomes of a series, each of its instances is another one or none."""
    keys = list(islice(starts(old), 8))
    found = [key for key in carried(keys, old, new).values() if key is not None]
    assert len(found) == len(set(found))
    assert set(found) <= set(islice(starts(new), 8)) | set(keys)


@given(WALLS, ZONES, RULES)
def test_starts_are_those_that_reports_tell(wall, zone, rule):
    """The names are the recurrence ids that calendar programs get (RFC 4791 section 9.6.5)."""
    series = pattern(wall, zone, rule)
    text = "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//tests//EN",
            "BEGIN:VEVENT",
            "UID:u1",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART;TZID={zone}:{wall:%Y%m%dT%H%M%S}",
            "DURATION:PT30M",
            rule,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )
    item = CalendarObject(uid=Uid("u1"), component="VEVENT", text=text)
    end = datetime(2028, 1, 1, tzinfo=UTC)
    told = [each.recurrence_id for each in instances(item, datetime(2025, 1, 1, tzinfo=UTC), end)]
    assert list(takewhile(lambda key: key < f"{end:%Y%m%dT%H%M%SZ}", starts(series))) == told
