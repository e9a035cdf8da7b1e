"""When objects happen, and in which ranges they are found."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.spans import index_of, is_recurring, recurrence_of, span_of
from bridge.ical.times import Duration, Moment, add_duration
from bridge.ical.zones import zone_named

ZONE = "Europe/Prague"


def at(day, hour, minute=0):
    """Return an instant in March 2026, UTC."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def timed(start, end, zone="UTC"):
    """Return a timed span."""
    return TimedSpan(start=start, end=end, zone=zone)


def days(first, last):
    """Return an all-day span in March 2026, `last` exclusive."""
    return AllDaySpan(start=date(2026, 3, first), end=date(2026, 3, last))


@pytest.mark.parametrize(
    ("lines", "span"),
    [
        (["DTSTART:20260310T100000Z", "DTEND:20260310T110000Z"], timed(at(10, 10), at(10, 11))),
        (["DTSTART:20260310T100000Z", "DURATION:PT90M"], timed(at(10, 10), at(10, 11, 30))),
        (["DTSTART:20260310T100000Z"], timed(at(10, 10), at(10, 10))),
        (["DTSTART;VALUE=DATE:20260310"], days(10, 11)),
        (["DTSTART;VALUE=DATE:20260310", "DTEND;VALUE=DATE:20260310"], days(10, 11)),
        (["DTSTART;VALUE=DATE:20260310", "DTEND;VALUE=DATE:20260312"], days(10, 12)),
        (["DTSTART;VALUE=DATE:20260310", "DURATION:P1W"], days(10, 17)),
        (["DTSTART;VALUE=DATE:20260310", "DURATION:PT12H"], days(10, 11)),
        (["DTSTART;VALUE=DATE:20260310", "DTEND:20260311T120000Z"], days(10, 11)),
        (
            ["DTSTART;TZID=Europe/Prague:20260328T120000", "DURATION:P1D"],
            timed(at(28, 11), at(29, 10), ZONE),
        ),
        (
            ["DTSTART;TZID=Europe/Prague:20260328T120000", "DURATION:PT24H"],
            timed(at(28, 11), at(29, 11), ZONE),
        ),
        (
            ["DTSTART;TZID=Europe/Prague:20260310T100000", "DTEND:20260310T120000Z"],
            timed(at(10, 9), at(10, 12), ZONE),
        ),
    ],
)
def test_an_event_lasts_as_rfc_5545_says(event_text, lines, span):
    """RFC 5545 section 3.6.1: DTEND, DURATION, or neither; a day keeps the wall clock."""
    assert span_of(CalendarObject.parse(event_text(*lines)), floating_zone=ZONE) == span


@pytest.mark.parametrize(
    ("lines", "span"),
    [
        ([], None),
        (["DTSTART:20260310T100000Z"], None),
        (["DUE:20260310T100000Z"], timed(at(10, 10), at(10, 10))),
        (["DUE:20260310T100000Z", "X-CRM-DURATION:PT1H"], timed(at(10, 9), at(10, 10))),
        (["DUE:20260310T100000Z", "X-CRM-DURATION:-PT1H"], timed(at(10, 10), at(10, 10))),
        (["DUE:20260310T100000Z", "X-CRM-DURATION:soon"], timed(at(10, 10), at(10, 10))),
        (["DTSTART:20260310T080000Z", "DUE:20260310T100000Z"], timed(at(10, 8), at(10, 10))),
        (
            ["DTSTART:20260310T100000Z", "DUE:20260310T100000Z", "X-CRM-DURATION:PT45M"],
            timed(at(10, 9, 15), at(10, 10)),
        ),
        (["DTSTART:20260310T080000Z", "DURATION:PT1H"], timed(at(10, 8), at(10, 9))),
        (["DUE;VALUE=DATE:20260310"], days(10, 11)),
        (["DTSTART;VALUE=DATE:20260308", "DUE;VALUE=DATE:20260310"], days(8, 11)),
        (["DTSTART;VALUE=DATE:20260310", "DUE:20260310T100000Z"], timed(at(10, 10), at(10, 10))),
    ],
)
def test_a_to_do_ends_when_it_is_due(event_text, lines, span):
    """Contract section 6; without DUE it has no date."""
    text = event_text(*lines, component="VTODO")
    assert span_of(CalendarObject.parse(text), floating_zone=ZONE) == span


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("component", "lines", "first", "last"),
    [
        ("VEVENT", ["DTSTART:20260310T100000Z", "DURATION:PT1H"], at(10, 10), at(10, 11)),
        ("VEVENT", ["DTSTART:20260310T100000Z"], at(10, 10), at(10, 10) + SECOND),
        ("VEVENT", ["DTSTART;VALUE=DATE:20260310"], at(9, 23), at(10, 23)),
        ("VTODO", ["DUE:20260310T100000Z"], at(10, 10) - SECOND, at(10, 10)),
        ("VTODO", ["DTSTART:20260310T080000Z", "DUE:20260310T100000Z"], at(10, 8), at(10, 10)),
        ("VTODO", ["DTSTART:20260310T080000Z"], at(10, 8), at(10, 8) + SECOND),
        (
            "VTODO",
            ["DTSTART:20260310T080000Z", "DURATION:PT1H"],
            at(10, 8),
            at(10, 9) + SECOND,
        ),
        ("VTODO", ["COMPLETED:20260310T080000Z"], at(10, 8) - SECOND, at(10, 8) + SECOND),
        ("VTODO", ["CREATED:20260310T080000Z"], at(10, 8), None),
        (
            "VTODO",
            ["CREATED:20260310T080000Z", "COMPLETED:20260311T080000Z"],
            at(10, 8) - SECOND,
            at(11, 8) + SECOND,
        ),
        ("VTODO", [], None, None),
        ("VJOURNAL", ["DTSTART;VALUE=DATE:20260310"], at(9, 23), at(10, 23)),
        ("VJOURNAL", [], None, None),
        ("VEVENT", ["DTSTART:20260310T100000Z", "RRULE:FREQ=DAILY"], at(10, 10), None),
        (
            "VEVENT",
            ["DTSTART:20260310T100000Z", "RDATE:20260301T100000Z,20260315T100000Z"],
            at(1, 10),
            at(15, 10) + SECOND,
        ),
        (
            "VEVENT",
            ["DTSTART:20260310T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3"],
            at(10, 10),
            at(13, 11),
        ),
    ],
)
def test_the_index_holds_the_range_of_rfc_4791(event_text, component, lines, first, last):
    """RFC 4791 section 9.9, to the second; series not narrower than their instances."""
    item = CalendarObject.parse(event_text(*lines, component=component))
    index = index_of(item, floating_zone=ZONE)
    assert (index.first_utc, index.last_utc) == (first, last)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;UNTIL=20260320",
        "FREQ=WEEKLY;BYDAY=MO,FR;COUNT=9",
        "FREQ=MONTHLY;COUNT=5",
        "FREQ=YEARLY;COUNT=3",
        "FREQ=HOURLY;COUNT=30;INTERVAL=5",
        "FREQ=DAILY;UNTIL=20260401T235959Z;BYHOUR=8,20",
    ],
)
def test_no_instance_of_a_bounded_series_lies_outside_its_index(event_text, rule):
    """The bound may be wide, never narrow."""
    from recurring_ical_events import of  # noqa: PLC0415 (only here)

    text = event_text("DTSTART:20260131T100000Z", "DURATION:PT1H", f"RRULE:{rule}")
    item = CalendarObject.parse(text)
    index = index_of(item, floating_zone=ZONE)
    assert index.last_utc is not None
    for event in of(item.calendar()).between(date(2026, 1, 1), date(2031, 1, 1)):
        assert index.first_utc <= event["DTSTART"].dt
        assert event["DTEND"].dt <= index.last_utc


def test_overrides_widen_the_index_and_make_the_object_recurring(event_text):
    """An instance moved before the series and one moved after it are found."""
    override = [
        "END:VEVENT", "BEGIN:VEVENT", "UID:e-1", "RECURRENCE-ID:20260311T100000Z",
        "DTSTART:20260401T100000Z", "SUMMARY:moved",
    ]  # fmt: skip
    rule = "RRULE:FREQ=DAILY;UNTIL=20260312T100000Z"
    item = CalendarObject.parse(
        event_text("DTSTART:20260310T100000Z", rule, "SUMMARY:x", *override)
    )
    index = index_of(item, floating_zone=ZONE)
    assert index.last_utc >= datetime(2026, 4, 1, 10, tzinfo=UTC)
    assert index.recurring
    assert index.summary == "x"
    assert is_recurring(item)


def test_the_index_tells_title_and_kind(event_text):
    """Columns for listings and free-busy."""
    text = event_text("DTSTART;VALUE=DATE:20260310", "TRANSP:TRANSPARENT", "SUMMARY:a\\, b")
    index = index_of(CalendarObject.parse(text), floating_zone=ZONE)
    assert (index.summary, index.all_day, index.transparent, index.recurring) == (
        "a, b", True, True, False,
    )  # fmt: skip


def test_recurrence_lines_are_equal_however_they_are_written(event_text):
    """Google reorders rules and splits or joins EXDATE lines; that is no edit."""
    ours = [
        "RRULE:FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20270101T000000Z",
        "EXDATE;TZID=Europe/Prague:20260313T100000,20260316T100000",
    ]
    theirs = [
        "RRULE:BYDAY=FR,MO;until=20270101T000000Z;FREQ=WEEKLY;WKST=MO;INTERVAL=1",
        "EXDATE;TZID=Europe/Prague:20260316T100000",
        "EXDATE;TZID=Central Europe Standard Time:20260313T100000".replace(
            "Central Europe Standard Time", "europe/prague"
        ),
    ]
    start = "DTSTART;TZID=Europe/Prague:20260309T100000"
    first = recurrence_of(CalendarObject.parse(event_text(start, *ours)))
    assert first == recurrence_of(CalendarObject.parse(event_text(start, *theirs)))
    assert first == (
        "RRULE:FREQ=WEEKLY;UNTIL=20270101T000000Z;BYDAY=FR,MO",
        "EXDATE;TZID=Europe/Prague:20260313T100000,20260316T100000",
    )


@pytest.mark.parametrize("fold", [0, 1])
@pytest.mark.parametrize("minutes", [0, 30])
def test_an_hour_shown_twice_stays_which_it_was_when_a_length_is_added(fold, minutes):
    """An event without an end in the second of them ended before it began."""
    zone = zone_named(ZONE).tz
    start = Moment(value=datetime(2000, 10, 29, 2, tzinfo=zone, fold=fold), zone=ZONE)
    later = add_duration(start, Duration(days=0, exact=timedelta(minutes=minutes)))
    assert later.instant == start.instant + timedelta(minutes=minutes)
