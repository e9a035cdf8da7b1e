"""Google's JSON as objects, and back as bodies."""

from datetime import UTC, datetime

import pytest

from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches, object_to_events
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import text_line
from bridge.ical.patch import PropertyChange, patch
from bridge.ical.spans import span_of

TIMED = {
    "id": "e1",
    "start": {"dateTime": "2026-03-10T10:00:00+01:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-03-10T10:30:00+01:00", "timeZone": "Europe/Berlin"},
}
ALL_DAY = {"id": "e2", "start": {"date": "2026-03-10"}, "end": {"date": "2026-03-12"}}


def read(event):
    """Return the object of one event, in a calendar in Prague."""
    return event_to_object([event], uid="g-1", calendar_zone="Europe/Prague")


def facts(event, settings):
    """Return what scope rules ask of one event."""
    lens = GoogleLens(settings=settings(), types=STOCK_TYPES, calendar_zone="Europe/Prague")
    return lens.google_facts(read(event))


@pytest.mark.parametrize(
    "start",
    [
        {"dateTime": "2026-03-10T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        {"dateTime": "2026-03-10T04:00:00-05:00", "timeZone": "Europe/Berlin"},
        {"dateTime": "2026-03-10T10:00:00", "timeZone": "Europe/Berlin"},
        {"dateTime": "2026-03-10T09:00:00.750Z", "timeZone": "Europe/Berlin"},
    ],
)
def test_the_four_ways_to_write_a_time_are_one(start):
    """Instant and zone count, the offset shown does not (Google: Calendars & events)."""
    assert read(TIMED | {"start": start}).text == read(TIMED).text


def test_a_time_without_zone_is_of_the_calendars_zone():
    """Single events may come without timeZone."""
    event = TIMED | {"start": {"dateTime": "2026-03-10T09:00:00Z"}}
    span = span_of(read(event), floating_zone="UTC")
    assert (span.start, span.zone) == (datetime(2026, 3, 10, 9, tzinfo=UTC), "Europe/Prague")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": None}, "start"),
        ({"start": {}}, "start"),
        ({"start": "2026-03-10"}, "start"),
        ({"start": {"dateTime": "10 o'clock"}}, "start"),
        ({"start": {"dateTime": 5}}, "start"),
        ({"start": {"date": "2026-02-30"}}, "start"),
        ({"start": {"date": "2026-03-10"}}, "end"),
        ({"start": {"dateTime": "2026-03-10T10:00:00Z", "timeZone": "W. Europe"}}, "start"),
        ({"start": {"dateTime": "9999-12-31T23:59:59Z", "timeZone": "UTC"}}, "start"),
        ({"end": {"dateTime": "2026-03-09T10:00:00Z"}}, "end"),
        ({"end": {"dateTime": "0001-01-01T00:00:00+14:00"}}, "end"),
        ({"recurrence": ["RRULE:FREQ=NEVER"]}, "recurrence"),
        ({"recurrence": ["SUMMARY:x"]}, "recurrence"),
        ({"recurrence": "RRULE:FREQ=DAILY"}, "recurrence"),
        ({"status": "cancelled"}, "status"),
        ({"summary": 5}, "summary"),
        ({"summary": ["a"]}, "summary"),
        ({"attendees": "all"}, "attendees"),
        ({"attendees": ["a"]}, "attendees"),
        ({"organizer": "me"}, "organizer"),
        ({"visibility": 1}, "visibility"),
    ],
)
def test_what_cannot_be_read_is_named(change, field):
    """G01: anybody may have written it; the error says which item and which field."""
    with pytest.raises(ConversionError) as caught:
        read(TIMED | change)
    assert (caught.value.uid, caught.value.property_name) == ("g-1", field)


def test_an_exception_has_to_say_of_which_instance_it_is():
    """A group of a master and what is no exception, and an empty group."""
    with pytest.raises(ConversionError) as caught:
        event_to_object([TIMED, TIMED], uid="g-1", calendar_zone="Europe/Prague")
    assert caught.value.property_name == "originalStartTime"
    with pytest.raises(ConversionError):
        event_to_object([], uid="g-1", calendar_zone="Europe/Prague")


def test_hostile_texts_stay_one_property_each():
    """I13: lone carriage returns and begin lines in JSON are text."""
    evil = "x\rATTENDEE:mailto:evil@x\r\nBEGIN:VEVENT\u2028END:VCALENDAR\ud800\x00"
    event = TIMED | {"summary": evil, "attendees": [{"email": "a\r\nX:1", "displayName": evil}]}
    item = read(event)
    assert CalendarObject.parse(item.text) == item
    assert not item.head().all("X")
    assert len(item.head().all("ATTENDEE")) == 1


@pytest.mark.parametrize("visibility", [None, "default", "public", "private", "confidential"])
def test_visibility_keeps_its_default_apart_from_public(visibility):
    """An absent CLASS is default, not public (Google facts, section 14)."""
    item = read(TIMED | ({"visibility": visibility} if visibility else {}))
    expected = visibility if visibility not in (None, "default") else None
    assert item.head().value("CLASS").lower() == (expected or "")
    assert object_to_events(item).master.get("visibility") == expected


def test_a_visibility_nobody_knows_is_private():
    """Google may add values; the careful reading is the stricter one."""
    assert read(TIMED | {"visibility": "friends"}).head().value("CLASS") == "PRIVATE"


def test_html_in_a_description_is_not_touched():
    """D10."""
    html = "<p>Hi, <b>Ada</b>; a\\b</p><ul><li>1</li></ul>"
    item = read(TIMED | {"description": html})
    assert object_to_events(item).master["description"] == html


def test_an_all_day_event_goes_out_as_dates():
    """Both exclusive at the end: copied as is."""
    body = object_to_events(
        read(ALL_DAY | {"summary": "Off", "transparency": "transparent"})
    ).master
    assert body == {
        "summary": "Off",
        "start": {"date": "2026-03-10"},
        "end": {"date": "2026-03-12"},
        "transparency": "transparent",
    }


def test_an_exchange_of_dates_and_times_takes_the_other_half_away():
    """PATCH merges: without null both would stand there (Google facts, section 7)."""
    timed, all_day = read(TIMED), read(ALL_DAY)
    none = {"date": None, "dateTime": None, "timeZone": None}
    assert event_patches(all_day, timed).master["start"] == none | {
        "dateTime": "2026-03-10T10:00:00+01:00",
        "timeZone": "Europe/Berlin",
    }
    assert event_patches(timed, all_day).master["end"] == none | {"date": "2026-03-12"}


def test_a_patch_holds_changed_fields_only_and_null_for_emptied_ones():
    """Thrift, and nothing of others' is overwritten."""
    base = read(TIMED | {"summary": "a", "location": "b", "description": "c"})
    changed = patch(
        base,
        [
            PropertyChange(name="SUMMARY", lines=(text_line("SUMMARY", "new"),)),
            PropertyChange(name="LOCATION"),
        ],
    )
    assert event_patches(base, changed).master == {"summary": "new", "location": None}
    assert event_patches(base, base).master == {}


def test_a_visibility_taken_back_is_said_by_name():
    """Null would do as well; the word is clearer in a log."""
    base = read(TIMED | {"visibility": "private"})
    assert event_patches(base, read(TIMED)).master == {"visibility": "default"}


@pytest.mark.parametrize(
    ("change", "read_only"),
    [
        ({}, False),
        ({"organizer": {"email": "a@x", "self": True}}, False),
        ({"organizer": {"email": "a@x"}}, True),
        ({"organizer": {"email": "a@x"}, "guestsCanModify": True}, False),
        ({"organizer": {"email": "a@x", "self": True}, "locked": True}, True),
    ],
)
def test_events_of_others_are_read_only_unless_guests_may_change_them(change, read_only, settings):
    """Google facts, section 9."""
    assert facts(TIMED | change, settings).read_only is read_only


@pytest.mark.parametrize(
    ("attendees", "guests"),
    [
        ([], False),
        ([{"email": "me@x", "self": True}], False),
        ([{"email": "me@x", "self": True}, {"email": "boss@x", "organizer": True}], False),
        ([{"email": "me@x", "self": True}, {"email": "b@x"}], True),
        ([{"resource": True, "email": "room@x"}], True),
    ],
)
def test_guests_are_all_but_the_owner(attendees, guests, settings):
    """What decides whether a change may be written without asking."""
    assert facts(TIMED | {"attendees": attendees}, settings).guests is guests


def test_hidden_guests_count_as_guests(settings):
    """A shortened answer must not look like an event without guests."""
    assert facts(TIMED | {"attendeesOmitted": True}, settings).guests


def test_event_types_are_told(settings):
    """B7."""
    assert facts(TIMED, settings).event_type == "default"
    assert facts(TIMED | {"eventType": "focusTime"}, settings).event_type == "focusTime"
