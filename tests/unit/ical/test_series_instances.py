"""Instances of series, what is kept of them, and when their alarms ring; within bounds."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from bridge.ical import scanner
from bridge.ical.alarms import alarm_rings
from bridge.ical.busy import Busy
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.expansion import expanded, limited
from bridge.ical.instances import TooFarToFollow, instances, occurs
from bridge.ical.occurrences import FUTURE, MOST, known_of, same_times
from bridge.ical.spans import Reach, index_of

ZONE = "Europe/Prague"
MARCH = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Plenty:
    """A budget that does not end."""

    def spend(self) -> None:
        """Take one."""


def item(*lines: str, component: str = "VEVENT", overrides: tuple = ()) -> CalendarObject:
    """Return an object with these lines besides UID and DTSTAMP, and its overrides."""
    text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x"]
    for own in (lines, *overrides):
        text += [f"BEGIN:{component}", "UID:u", "DTSTAMP:20260101T000000Z", *own]
        text.append(f"END:{component}")
    return CalendarObject.parse("\r\n".join([*text, "END:VCALENDAR", ""]))


def starts(made: CalendarObject, window: tuple[datetime, datetime] = MARCH) -> list[str]:
    """Return when the instances in a window begin, as day and hour in UTC."""
    found = instances(made, *window, floating_zone=ZONE)
    return [f"{each.start.astimezone(UTC):%d %H}" for each in found]


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (("DTSTART:20260310T090000Z",), 1),
        (("DTSTART:20260410T090000Z",), 0),
        (("DTSTART:20260105T090000Z", "RRULE:FREQ=WEEKLY"), 5),
        (("DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=DAILY"), 32),
        (("DTSTART:20260301T090000", "RRULE:FREQ=DAILY;COUNT=3"), 3),
        (("DTSTART:20000103T090000Z", "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR"), 22),
        (("DTSTART:20260105T090000Z", "RRULE:FREQ=WEEKLY;UNTIL=20260310T000000Z"), 2),
        (("DTSTART:20260105T090000Z", "RDATE:20260310T090000Z"), 1),
        (("DTSTART:20260105T090000Z", "RDATE;VALUE=PERIOD:20260331T230000Z/PT3H"), 1),
        (("DTSTART:20260101T090000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), 0),
        (("DTSTART:20260101T090000Z", "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,-1"), 2),
        (("DTSTART:20260105T090000Z", "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20260310"), 30),
        (("DTSTART:18000105T090000Z", "RRULE:FREQ=DAILY"), 31),
        (("DTSTART:19700101T000000Z", "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5,6;BYMINUTE=1,2,3"), 558),
    ],
)
def test_instances_of_a_month(lines, number):
    """Single, endless, bounded, all-day, floating, very old and impossible ones."""
    assert len(instances(item(*lines), *MARCH, floating_zone=ZONE)) == number


def test_wall_clocks_are_kept_over_the_change_of_time():
    """Nine o'clock in Prague is an hour earlier in UTC from 29 March on."""
    weekly = item("DTSTART;TZID=Europe/Prague:20260105T090000", "RRULE:FREQ=WEEKLY")
    assert starts(weekly) == ["02 08", "09 08", "16 08", "23 08", "30 07"]


def test_days_and_floating_times_are_those_of_the_reader():
    """A day begins at the owner's midnight."""
    (day,) = instances(item("DTSTART;VALUE=DATE:20260310"), *MARCH, floating_zone=ZONE)
    assert day.first_utc == datetime(2026, 3, 9, 23, tzinfo=UTC)
    floating = item("DTSTART:20260310T090000", "RRULE:FREQ=DAILY;UNTIL=20260311T090000")
    assert starts(floating) == ["10 08", "11 08"]
    assert instances(floating, *MARCH, floating_zone=ZONE)[0].recurrence_id == "20260310T090000"


def test_overrides_count_at_their_own_time():
    """Moved in, moved out, and of an instance that the rule does not have any more."""
    rule = ("DTSTART:20260302T090000Z", "RRULE:FREQ=WEEKLY;COUNT=6")
    moved = ("RECURRENCE-ID:20260309T090000Z", "DTSTART:20260310T120000Z")
    away = ("RECURRENCE-ID:20260316T090000Z", "DTSTART:20260501T120000Z")
    made = item(*rule, overrides=(moved, away))
    assert starts(made) == ["02 09", "10 12", "23 09", "30 09"]


def test_an_override_of_all_later_instances_moves_them():
    """RANGE=THISANDFUTURE; the others after it keep their own recurrence ids."""
    later = ("RECURRENCE-ID;RANGE=THISANDFUTURE:20260316T090000Z", "DTSTART:20260317T110000Z")
    made = item("DTSTART:20260302T090000Z", "RRULE:FREQ=WEEKLY;COUNT=5", overrides=(later,))
    assert starts(made) == ["02 09", "09 09", "17 11", "24 11", "31 11"]
    found = instances(made, *MARCH, floating_zone=ZONE)
    assert [each.recurrence_id[:8] for each in found] == [
        "20260302", "20260309", "20260316", "20260323", "20260330",
    ]  # fmt: skip
    known = known_of(made, index_of(made, floating_zone=ZONE), now=NOW, floating_zone=ZONE)
    assert [each.recurrence_id for each in known.instances] == [e.recurrence_id for e in found]


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY"),
        ("DTSTART:19700101T000000Z", "RRULE:FREQ=MINUTELY;INTERVAL=2"),
        ("DTSTART:19700101T000000Z", "RRULE:FREQ=DAILY;COUNT=100000"),
        ("DTSTART:20260301T000000Z", "RRULE:FREQ=WEEKLY;BYMONTHDAY=" + "1," * 900 + "1"),
    ],
)
def test_a_series_with_too_many_steps_is_not_followed(lines):
    """It is answered at once, as a match that cannot be ruled out."""
    begin = time.perf_counter()
    with pytest.raises(TooFarToFollow):
        instances(item(*lines), *MARCH)
    assert occurs(item(*lines), *MARCH)
    assert expanded(item(*lines), MARCH, None, Plenty()) == item(*lines).text
    assert time.perf_counter() - begin < 2


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY;BYSETPOS=2",
        "FREQ=SECONDLY;BYMONTH=2",
        "FREQ=SECONDLY;INTERVAL=86400;BYSETPOS=2",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYSETPOS=366;BYDAY=MO",
    ],
)
def test_a_rule_that_never_matches_ends_soon_after_the_window(rule):
    """Dateutil alone would go on to the year 9999, second by second."""
    series = item("DTSTART:20260301T000000Z", f"RRULE:{rule}")
    begin = time.process_time()
    hour = datetime(2026, 3, 1, 2, tzinfo=UTC), datetime(2026, 3, 1, 3, tzinfo=UTC)
    assert instances(series, *hour) == []
    assert time.process_time() - begin < 1


def test_all_of_time_is_answered_from_the_first_hit():
    """A window of 10,000 years costs no more than it has to (X15)."""
    series = item("DTSTART:20260105T090000Z", "RRULE:FREQ=WEEKLY")
    begin = time.perf_counter()
    everything = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    assert occurs(series, *everything)
    assert time.perf_counter() - begin < 2


def test_an_instance_over_the_border_of_two_pieces_is_one():
    """Long spans are followed in pieces."""
    lone = item("DTSTART:20260101T000000Z", "DTEND:20271231T000000Z")
    wide = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    assert len(instances(lone, *wide)) == 1


def test_of_a_dense_series_the_near_future_is_kept():
    """At most 2,000; it is looked at again before they are over."""
    hourly = item("DTSTART:20200101T000000Z", "RRULE:FREQ=HOURLY")
    known = known_of(hourly, index_of(hourly, floating_zone=ZONE), now=NOW, floating_zone=ZONE)
    assert 500 < len(known.instances) <= MOST
    assert known.since < NOW < known.extend_at < known.until < NOW + FUTURE


def test_what_is_kept_tells_busy_time():
    """An override may be free, a moment blocks nothing."""
    free = ("RECURRENCE-ID:20260309T090000Z", "DTSTART:20260309T090000Z", "DURATION:PT1H",
            "TRANSP:TRANSPARENT")  # fmt: skip
    made = item(
        "DTSTART:20260302T090000Z", "DURATION:PT1H", "STATUS:TENTATIVE",
        "RRULE:FREQ=WEEKLY;COUNT=2", overrides=(free,),
    )  # fmt: skip
    assert [each.busy for each in instances(made, *MARCH)] == [Busy.TENTATIVE, Busy.FREE]
    (moment,) = instances(item("DTSTART:20260302T090000Z"), *MARCH)
    assert moment.busy is Busy.FREE


def test_only_times_and_what_they_do_make_instances_differ():
    """A new title keeps what is on record, a status does not."""
    rule = ("DTSTART:20260302T090000Z", "RRULE:FREQ=WEEKLY")
    assert same_times(item(*rule, "SUMMARY:a"), item(*rule, "SUMMARY:b"))
    assert not same_times(item(*rule), item(*rule, "STATUS:CANCELLED"))
    assert not same_times(item(*rule), item(*rule, "EXDATE:20260309T090000Z"))


@pytest.mark.parametrize(
    ("lines", "component", "reach"),
    [
        (("DTSTART:20260302T090000Z", "DURATION:PT1H"), "VEVENT", Reach.SHORT),
        (("DTSTART:20260302T090000Z", "DURATION:P8D"), "VEVENT", Reach.LONG),
        (("DTSTART:20260302T090000Z", "RRULE:FREQ=DAILY"), "VEVENT", Reach.SERIES),
        (("DTSTART:20260302T090000Z", "RECURRENCE-ID:20260302T090000Z"), "VEVENT", Reach.SERIES),
        (("CREATED:20260302T090000Z",), "VTODO", Reach.LONG),
        (("CREATED:20260302T090000Z", "RRULE:FREQ=DAILY"), "VTODO", Reach.LONG),
        ((), "VTODO", Reach.UNDATED),
        (("RRULE:FREQ=DAILY",), "VJOURNAL", Reach.UNDATED),
    ],
)
def test_how_an_object_is_searched(lines, component, reach):
    """By its start, apart as a long one, by its instances, or not by time."""
    assert index_of(item(*lines, component=component), floating_zone=ZONE).reach is reach


def test_expansion_tells_utc_and_no_rules():
    """RFC 4791 section 9.6.5: other lines and alarms stay as they are."""
    series = item(
        "DTSTART;TZID=Europe/Prague:20260105T090000", "DTEND;TZID=Europe/Prague:20260105T100000",
        "RRULE:FREQ=WEEKLY", "SUMMARY:x", "X-OWN;A=b:c",
    )  # fmt: skip
    text = expanded(series, MARCH, None, Plenty(), floating_zone=ZONE)
    assert text.count("BEGIN:VEVENT") == text.count("X-OWN;A=b:c\r\n") == 5
    assert "DTSTART:20260302T080000Z\r\nDTEND:20260302T090000Z" in text
    assert "RECURRENCE-ID:20260330T070000Z\r\nDTSTART:20260330T070000Z" in text
    assert "RRULE" not in text
    assert "TZID" not in text


def test_expansion_of_a_lone_override():
    """One instance somebody was invited to: no master, no failure."""
    override = item("DTSTART:20260310T090000Z", "RECURRENCE-ID:20260309T090000Z")
    assert "DTSTART:20260310T090000Z" in expanded(override, MARCH, None, Plenty())
    assert "DTSTART:20260310T090000Z" in expanded(override, MARCH, ["20260309T090000Z"], Plenty())
    assert expanded(override, MARCH, [], Plenty()) is None
    assert limited(override, MARCH) == override.text


def test_overrides_that_do_not_concern_the_window_are_left_out():
    """By their present and by their original time; one for all later ones stays."""
    rule = ("DTSTART:20260302T090000Z", "RRULE:FREQ=WEEKLY")
    into = ("RECURRENCE-ID:20260601T090000Z", "DTSTART:20260310T120000Z", "SUMMARY:into")
    away = ("RECURRENCE-ID:20260309T090000Z", "DTSTART:20260610T120000Z", "SUMMARY:away")
    apart = ("RECURRENCE-ID:20260608T090000Z", "DTSTART:20260608T120000Z", "SUMMARY:apart")
    later = ("RECURRENCE-ID;RANGE=THISANDFUTURE:20260907T090000Z", "DTSTART:20260907T120000Z")
    text = limited(item(*rule, overrides=(into, away, apart, later)), MARCH)
    assert "into" in text
    assert "away" in text
    assert "apart" not in text
    assert "THISANDFUTURE" in text
    assert CalendarObject.parse(text)


@pytest.mark.parametrize(
    ("trigger", "hour", "rings"),
    [
        (("TRIGGER:-PT15M",), 8, True),
        (("TRIGGER:-PT15M",), 9, False),
        (("TRIGGER;RELATED=END:PT5M",), 10, True),
        (("TRIGGER;VALUE=DATE-TIME:20260310T150000Z",), 15, True),
        (("TRIGGER;VALUE=DATE-TIME:20260310T150000Z",), 14, False),
        (("TRIGGER:-PT15M", "REPEAT:4", "DURATION:PT1H"), 12, True),
        (("TRIGGER:-PT15M", "REPEAT:4", "DURATION:PT1H"), 13, False),
    ],
)
@pytest.mark.parametrize("rule", [(), ("RRULE:FREQ=WEEKLY;COUNT=3",)])
def test_alarms_ring_before_after_again_and_at_a_set_time(trigger, hour, rings, rule):
    """RFC 4791 section 9.9, the row of VALARM; of any instance of a series."""
    alarm = ("BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", *trigger, "END:VALARM")
    made = item("DTSTART:20260310T090000Z", "DTEND:20260310T100000Z", *rule, *alarm)
    begin = datetime(2026, 3, 10, hour, tzinfo=UTC)
    end = begin + timedelta(hours=1)
    assert alarm_rings(made, begin, end, floating_zone=ZONE) is rings


def test_a_large_text_is_scanned_once_however_many_lines_and_alarms_it_has(monkeypatch):
    """A scan for each line of a text beyond 100,000 characters once held the store for minutes."""
    scans = []
    build = scanner._build

    def counted(text, limits):
        scans.append(len(text))
        return build(text, limits)

    monkeypatch.setattr(scanner, "_build", counted)
    alarm = (
        "BEGIN:VALARM",
        "ACTION:AUDIO",
        "TRIGGER;VALUE=DATE-TIME:20260302T080000Z",
        "END:VALARM",
    )
    moved = [
        (f"RECURRENCE-ID:202603{day:02d}T090000Z", f"DTSTART:202603{day:02d}T100000Z")
        for day in range(3, 20)
    ]
    made = item(
        "DTSTART:20260302T090000Z",
        "RRULE:FREQ=DAILY",
        *["EXDATE:20260320T090000Z"] * 100,
        "DESCRIPTION:" + "x" * 100_000,
        *alarm * 20,
        overrides=moved,
    )
    index_of(made, floating_zone=ZONE)
    assert len(starts(made)) == 29
    later = [moment + timedelta(days=400) for moment in MARCH]
    assert not alarm_rings(made, *later, floating_zone=ZONE)
    assert len(scans) == 1


@pytest.mark.parametrize(
    ("start", "rule", "found"),
    [
        ("20000305", "FREQ=YEARLY", ["24000305"]),
        ("20000305", "FREQ=YEARLY;INTERVAL=7", []),
        ("20000229", "FREQ=YEARLY", ["24000229"]),
        ("19960229", "FREQ=YEARLY;INTERVAL=4", ["24000229"]),
        ("20010331", "FREQ=MONTHLY", ["24000131", "24000331"]),
        ("20010131", "FREQ=MONTHLY;INTERVAL=5", ["24000331"]),
        ("20010101", "FREQ=MONTHLY;BYDAY=-1SU", ["24000130", "24000227", "24000326"]),
        ("20010101", "FREQ=YEARLY;BYWEEKNO=9;BYDAY=MO,FR", ["24000228", "24000303"]),
    ],
)
def test_series_of_months_and_years_are_begun_near_a_far_window(start, rule, found):
    """Few steps lead to the window, whatever the rule; they are those of the whole way."""
    made = item(f"DTSTART;VALUE=DATE:{start}", f"RRULE:{rule}")
    window = datetime(2400, 1, 1, tzinfo=UTC), datetime(2400, 4, 1, tzinfo=UTC)
    assert [each.recurrence_id for each in instances(made, *window)] == found
    began = time.thread_time()
    assert not instances(made, *(moment.replace(year=9800) for moment in window)) or found
    assert time.thread_time() - began < 0.15  # seconds; the whole way takes 0.6 and more
