"""TZIDs and VTIMEZONEs: which zone is meant."""

from datetime import UTC, datetime

import pytest

from bridge.errors import ConversionError
from bridge.ical import zones
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.spans import span_of
from bridge.ical.zones import iana_name, is_iana, vtimezone_text, zone_named

PACIFIC = """BEGIN:VTIMEZONE
TZID:{tzid}
{more}
BEGIN:DAYLIGHT
DTSTART:16010311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0800
TZOFFSETTO:-0700
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:16011104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0700
TZOFFSETTO:-0800
END:STANDARD
END:VTIMEZONE"""
FIXED = """BEGIN:VTIMEZONE
TZID:Camp
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:{offset}
TZOFFSETTO:{offset}
END:STANDARD
END:VTIMEZONE"""


@pytest.mark.parametrize(
    ("tzid", "name"),
    [
        ("Europe/Prague", "Europe/Prague"),
        ("europe/prague", "Europe/Prague"),
        (" Europe/Prague ", "Europe/Prague"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Prague", "Europe/Prague"),
        ("/mozilla.org/20070129_1/America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
        ("Etc/UTC", "UTC"),
        ("GMT", "UTC"),
        ("Mars/Olympus", None),
        ("../../etc/passwd", None),
        ("/x/EST", None),
        ("", None),
    ],
)
def test_an_identifier_is_recognised_without_opening_files(tzid, name):
    """Names of the tz database, of Windows, and globally unique ones."""
    assert iana_name(tzid) == name


def test_the_names_of_the_tz_database_are_case_sensitive_where_it_matters():
    """What goes to Google is a name it knows."""
    assert is_iana("Europe/Prague")
    assert not is_iana("europe/prague")
    with pytest.raises(ConversionError):
        zone_named("Mars/Olympus")


@pytest.mark.parametrize(
    ("wall", "instant"), [("20260115T100000", (15, 18)), ("20260715T100000", (15, 17))]
)
@pytest.mark.parametrize("more", ["X-A:1", "X-LIC-LOCATION:America/Los_Angeles"])
def test_a_zone_of_the_texts_own_is_found_by_place_or_offsets(event_text, wall, instant, more):
    """The rules of Windows for the Pacific are those of Los Angeles, summer and winter."""
    zone = PACIFIC.format(tzid="My office", more=more)
    item = CalendarObject.parse(event_text(f"DTSTART;TZID=My office:{wall}", zone=zone))
    span = span_of(item, floating_zone="Europe/Prague")
    assert (span.start_utc.day, span.start_utc.hour) == instant
    assert span.zone == "America/Los_Angeles"


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("(UTC-05:00) Eastern Time (US and Canada)", "America/New_York"),
        ("Amsterdam, Belgrade, Berlin, Brussels, Budapest", "Europe/Amsterdam"),
        ("(GMT+01:00) Sarajevo, Skopje, Warsaw, Zagreb", "Europe/Sarajevo"),
        ("(UTC+01:00) Prague", "Europe/Prague"),
        ("Nowhere, Lisbon", "Europe/Lisbon"),
        ("US-Mountain", "US/Mountain"),
    ],
)
def test_a_zone_named_in_words_is_known_unless_the_text_defines_it(event_text, words, zone):
    """Outlook's titles and lists of cities, and names whose slash became a hyphen."""
    line = f'DTSTART;TZID="{words}":20260115T100000'
    assert span_of(CalendarObject.parse(event_text(line)), floating_zone="UTC").zone == zone
    own = event_text(line, zone=FIXED.format(offset="+1345").replace("Camp", words))
    start = span_of(CalendarObject.parse(own), floating_zone="UTC").start_utc
    assert (start.hour, start.minute) == (20, 15)


@pytest.mark.parametrize("words", ["Prague", "(UTC+01:00)", "Nowhere, Never", "LOLOLOL", "a-b"])
def test_words_that_name_no_zone_are_refused(event_text, words):
    """A guess would move the event (I17)."""
    with pytest.raises(ConversionError) as refused:
        CalendarObject.parse(event_text(f'DTSTART;TZID="{words}":20260115T100000'))
    assert refused.value.property_name == "TZID"


def test_a_zone_of_the_texts_own_is_worked_out_once(event_text, monkeypatch):
    """Comparing it with all zones takes milliseconds; the next text of that program has it too."""
    asked = []
    fit = zones._fit
    monkeypatch.setattr(zones, "_fit", lambda *wanted: asked.append(wanted) or fit(*wanted))
    zone = PACIFIC.format(tzid="My office", more="X-ONCE:1")
    for hour in ("10", "11"):
        line = f"DTSTART;TZID=My office:20260115T{hour}0000"
        item = CalendarObject.parse(event_text(line, zone=zone))
        assert span_of(item, floating_zone="UTC").zone == "America/Los_Angeles"
    assert len(asked) == 1
    other = zone.replace("-0800", "-0900").replace("-0700", "-0800")
    item = CalendarObject.parse(event_text(line, zone=other))
    assert span_of(item, floating_zone="UTC").zone == "America/Anchorage"
    assert len(asked) == 2


def test_the_readers_own_zone_is_preferred_where_offsets_fit_several(event_text):
    """Vancouver and Los Angeles keep the same time; the user's own is meant."""
    zone = PACIFIC.format(tzid="My office", more="X-A:1")
    item = CalendarObject.parse(event_text("DTSTART;TZID=My office:20260115T100000", zone=zone))
    assert span_of(item, floating_zone="America/Vancouver").zone == "America/Vancouver"


def test_a_known_name_is_the_tz_databases_whatever_the_text_defines(event_text):
    """Threats 3.5: definitions come from the tz database where the id is known."""
    zone = FIXED.format(offset="+1100").replace("Camp", "Europe/Prague")
    item = CalendarObject.parse(event_text("DTSTART;TZID=Europe/Prague:20260115T100000", zone=zone))
    assert span_of(item, floating_zone="UTC").start_utc.hour == 9


@pytest.mark.parametrize(
    ("offset", "hour", "minute"), [("+1345", 20, 15), ("-1200", 22, 0), ("+0107", 8, 53)]
)
def test_a_zone_that_is_nowhere_still_gives_the_right_instant(event_text, offset, hour, minute):
    """Where no zone fits, the instant counts."""
    item = CalendarObject.parse(
        event_text("DTSTART;TZID=Camp:20260615T100000", zone=FIXED.format(offset=offset))
    )
    start = span_of(item, floating_zone="UTC").start_utc
    assert (start.hour, start.minute) == (hour, minute)


def test_floating_times_are_read_in_the_given_zone(event_text):
    """10:00 floating is 10:00 where the reader is."""
    item = CalendarObject.parse(event_text("DTSTART:20260310T100000"))
    span = span_of(item, floating_zone="America/New_York")
    assert (span.start_utc.hour, span.zone) == (14, "America/New_York")


def test_a_made_vtimezone_gives_the_zones_own_times():
    """Read by a program that does not know the name, it moves nothing."""
    text = vtimezone_text("Europe/Prague", 2025, 2031).replace("TZID:Europe/Prague", "TZID:Odd")
    for month, hour in ((1, 9), (7, 8)):
        item = CalendarObject.parse(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
            f"{text}BEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=Odd:2026{month:02}15T100000\r\n"
            "END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        start = span_of(item, floating_zone="UTC").start_utc
        assert start == datetime(2026, month, 15, hour, tzinfo=UTC)
    assert "COMMENT" not in text
