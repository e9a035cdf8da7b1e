"""What is kept of a series, and what is told of it, against recurring-ical-events over the text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events  # type: ignore[import-untyped]  # it ships no types
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.expansion import expanded
from bridge.ical.instances import instances, occurs
from bridge.ical.occurrences import known_of
from bridge.ical.series import Series
from bridge.ical.spans import index_of

ZONE = "Europe/Prague"
HERE = ZoneInfo(ZONE)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)

_slow = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Plenty:
    """A budget that does not end."""

    def spend(self) -> None:
        """Take one."""


def _lines(name: str, kind: str, moment: datetime) -> str:
    if kind == "DATE":
        return f"{name};VALUE=DATE:{moment:%Y%m%d}"
    if kind == "FLOATING":
        return f"{name}:{moment:%Y%m%dT%H%M%S}"
    if kind == "UTC":
        return f"{name}:{moment:%Y%m%dT%H%M%S}Z"
    return f"{name};TZID={kind}:{moment:%Y%m%dT%H%M%S}"


_kinds = st.sampled_from(["DATE", "FLOATING", "UTC", ZONE, "America/New_York"])
_starts = st.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 1)).map(  # noqa: DTZ001 (wall times)
    lambda moment: moment.replace(second=0, microsecond=0)
)
_days = st.lists(
    st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=3
)
_ends = st.sampled_from(["", ";COUNT=7", ";COUNT=40"])
_every = st.integers(1, 4).map(lambda each: f";INTERVAL={each}")


@st.composite
def _rules(draw: st.DrawFn, kind: str) -> str:
    shapes = ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY"]
    rule = draw(st.sampled_from(shapes))
    days = ",".join(dict.fromkeys(draw(_days)))
    parts = {
        "FREQ=DAILY": ["", f";BYDAY={days}", ";BYMONTH=3,4"],
        "FREQ=WEEKLY": ["", f";BYDAY={days}", f";BYDAY={days};WKST=SU"],
        "FREQ=MONTHLY": [
            "", ";BYMONTHDAY=31", ";BYMONTHDAY=-1,15", ";BYDAY=2TU", ";BYDAY=-1FR",
            ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", f";BYDAY={days};BYSETPOS=1,-1",
        ],
        "FREQ=YEARLY": [
            "", ";BYMONTH=3;BYDAY=-1SU", ";BYYEARDAY=100,-1", ";BYWEEKNO=20;BYDAY=MO",
            ";BYMONTH=2;BYMONTHDAY=29",
        ],
    }[rule]  # fmt: skip
    ends = draw(st.sampled_from([True, False]))
    until = "20270315" if kind == "DATE" else "20270315T235959Z"
    tail = f";UNTIL={until}" if ends and kind != "FLOATING" else draw(_ends)
    return rule + draw(st.sampled_from(parts)) + draw(_every) + tail


@st.composite
def _events(draw: st.DrawFn) -> str:
    """Return a series with dates taken out and put in, and overrides of some instances."""
    kind, start = draw(_kinds), draw(_starts)
    length = timedelta(days=draw(st.integers(1, 9))) if kind == "DATE" else timedelta(
        minutes=draw(st.sampled_from([0, 30, 60, 600, 3000, 12000]))
    )  # fmt: skip
    lines = [_lines("DTSTART", kind, start), _lines("DTEND", kind, start + length)]
    if draw(st.booleans()):
        lines.append(f"RRULE:{draw(_rules(kind))}")
    near = st.integers(-30, 200).map(lambda days: start + timedelta(days=days))
    lines += [_lines("RDATE", kind, moment) for moment in draw(st.lists(near, max_size=2))]
    for moment in draw(st.lists(near, max_size=3)):
        lines.append(_lines("EXDATE", kind, moment))
    members = [lines]
    taken = draw(st.lists(st.integers(0, 60), max_size=3, unique=True))
    later = draw(st.sampled_from(["", "", ";RANGE=THISANDFUTURE"]))
    for place, days in enumerate(taken):
        original = _lines(
            "RECURRENCE-ID" + (later if place == 0 else ""), kind, start + timedelta(days=days)
        )
        moved = start + timedelta(
            days=days + draw(st.integers(-400, 400)), hours=draw(st.integers(-5, 5))
        )
        members.append(
            [original, _lines("DTSTART", kind, moved), _lines("DTEND", kind, moved + length)]
        )
    if taken and draw(st.sampled_from([False, False, False, True])):
        members = members[1:]
    return _text(members)


def _text(members: list[list[str]]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    for own in members:
        lines += [
            "BEGIN:VEVENT",
            "UID:u",
            "DTSTAMP:20260101T000000Z",
            *own,
            "SUMMARY:x",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


_DAILY_BUT_MOVED_BACK = _text(
    [
        ["DTSTART;VALUE=DATE:20240101", "RRULE:FREQ=DAILY"],
        ["RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20240101", "DTSTART;VALUE=DATE:20231229"],
    ]
)


def _instant(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=HERE)
    return (value if value.tzinfo else value.replace(tzinfo=HERE)).astimezone(UTC)


def _brute(text: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return the instances' times as recurring-ical-events tells them of the whole text."""
    query = recurring_ical_events.of(Calendar.from_ical(text))
    wide = query.between(
        (start - timedelta(days=2)).astimezone(HERE), (end + timedelta(days=2)).astimezone(HERE)
    )
    found = [(_instant(each.decoded("DTSTART")), _instant(each.decoded("DTEND"))) for each in wide]
    return sorted(
        (first, last)
        for first, last in found
        if first < end and max(last, first + timedelta(seconds=1)) > start
    )


@_slow
@given(text=_events(), days=st.integers(-700, 900), length=st.sampled_from([1, 31, 400]))
@example(text=_DAILY_BUT_MOVED_BACK, days=0, length=1)
def test_instances_are_those_of_recurring_ical_events(text: str, days: int, length: int) -> None:
    """In any window; each once, and each with a recurrence id of its own."""
    item = CalendarObject.parse(text)
    start = NOW + timedelta(days=days)
    end = start + timedelta(days=length)
    found = instances(item, start, end, floating_zone=ZONE)
    assert sorted((_instant(each.start), _instant(each.end)) for each in found) == _brute(
        text, start, end
    )
    assert len({each.recurrence_id for each in found}) == len(found)
    assert occurs(item, start, end, floating_zone=ZONE) is bool(found)


@_slow
@given(text=_events())
def test_what_is_kept_of_a_series_is_all_of_it_in_the_window(text: str) -> None:
    """And a range that is told to be known holds nothing else."""
    item = CalendarObject.parse(text)
    index = index_of(item, floating_zone=ZONE)
    known = known_of(item, index, now=NOW, floating_zone=ZONE)
    if known is None:
        return
    since = max(known.since, NOW - timedelta(days=3000))
    until = min(known.until, NOW + timedelta(days=1600))
    kept = sorted((_instant(each.start), _instant(each.end)) for each in known.instances)
    assert [each for each in kept if each[0] < until] == [
        each for each in _brute(text, since, until) if each[0] < until
    ]
    assert index.first_utc is not None
    assert all(each.first_utc >= index.first_utc for each in known.instances)
    assert all(
        index.last_utc is None or each.last_utc <= index.last_utc for each in known.instances
    )


@_slow
@given(text=_events(), days=st.integers(-300, 300))
def test_expansion_from_recurrence_ids_is_that_from_the_rule(text: str, days: int) -> None:
    """The ids alone say where an instance lies; the text is the same."""
    item = CalendarObject.parse(text)
    window = NOW + timedelta(days=days), NOW + timedelta(days=days + 60)
    found = instances(item, *window, floating_zone=ZONE)
    series = Series(item, floating_zone=ZONE)
    assert [series.instance(each.recurrence_id) for each in found] == list(found)
    ids = [each.recurrence_id for each in found]
    by_ids = expanded(item, window, ids, Plenty(), floating_zone=ZONE)
    assert by_ids == expanded(item, window, None, Plenty(), floating_zone=ZONE)
    if by_ids is None:
        assert not found
        return
    shown = Calendar.from_ical(by_ids).walk("VEVENT")
    assert [_instant(each.decoded("DTSTART")) for each in shown] == [
        _instant(each.start) for each in found
    ]
    assert "RRULE" not in by_ids
    assert "TZID" not in by_ids


_words = st.sampled_from(["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
_odd_parts = st.lists(
    st.sampled_from(
        [
            "BYMONTH=2", "BYMONTHDAY=30", "BYMONTHDAY=31", "BYSETPOS=2", "BYSETPOS=366",
            "BYSETPOS=-366", "BYDAY=MO", "BYDAY=5SU", "BYYEARDAY=366", "BYWEEKNO=53", "BYHOUR=3",
            "BYMINUTE=7", "BYSECOND=59", "INTERVAL=7", "INTERVAL=86400", "INTERVAL=1000000",
            "COUNT=3", "COUNT=100000",
        ]
    ),
    max_size=5,
    unique_by=lambda part: part.partition("=")[0],
)  # fmt: skip


@settings(max_examples=60, deadline=timedelta(seconds=4))
@given(freq=_words, parts=_odd_parts, year=st.sampled_from(["1970", "2025", "2026"]))
def test_no_rule_keeps_the_processor(freq: str, parts: list[str], year: str) -> None:
    """Rules that never match, or match every second, are answered all the same (I01 to I03)."""
    rule = ";".join([f"FREQ={freq}", *parts])
    text = _text([[f"DTSTART:{year}0309T120000Z", f"RRULE:{rule}"]])
    try:
        item = CalendarObject.parse(text)
    except ConversionError:
        return
    occurs(item, NOW, NOW + timedelta(hours=1))
    index = index_of(item, floating_zone=ZONE)
    assert known_of(item, index, now=NOW, floating_zone=ZONE) is not None
