"""The file behind a subscription link: what is in it, and what never is."""

import icalendar
import pytest

from bridge.ical.calendar_object import CalendarObject
from bridge.ical.subscription import Entry, subscription_file

ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Europe/Prague\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n"
    "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def entry(*lines, component="VEVENT", zone="", private=False, uid="one"):
    """Return an entry with one component made of these lines."""
    own = "".join(f"{line}\r\n" for line in (f"UID:{uid}", "DTSTAMP:20260301T000000Z", *lines))
    text = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{zone}"
        f"BEGIN:{component}\r\n{own}END:{component}\r\nEND:VCALENDAR\r\n"
    )
    return Entry(object=CalendarObject.parse(text), private=private)


def file_of(*entries, name="Anna"):
    """Return the file, which every reader must be able to read."""
    text = subscription_file(entries, name=name, zone="Europe/Prague")
    icalendar.Calendar.from_ical(text)
    assert "\n" not in text.replace("\r\n", "")
    return text


START = "DTSTART:20260302T090000Z"


def test_what_a_subscriber_needs_is_there():
    """Title, time, place, description, categories and alarms are shown."""
    text = file_of(
        entry(
            START,
            "DTEND:20260302T100000Z",
            "SUMMARY:Coffee",
            "LOCATION:Café",
            "DESCRIPTION:Bring samples",
            "CATEGORIES:Meeting",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-PT15M",
            "DESCRIPTION:Coffee",
            "END:VALARM",
        )
    )
    for line in ("SUMMARY:Coffee", "LOCATION:Café", "DESCRIPTION:Bring samples", "TRIGGER:-PT15M"):
        assert f"{line}\r\n" in text


def test_guests_contacts_and_unknown_properties_are_left_out():
    """A leaked address tells no mail address and nothing we do not know the meaning of."""
    text = file_of(
        entry(
            START,
            "SUMMARY:Coffee",
            "ORGANIZER;CN=Eve:mailto:eve@secret.example",
            'ATTENDEE;CN="Bob";EMAIL=bob@secret.example:mailto:bob@secret.example',
            "CONTACT:Bob\\, bob@secret.example",
            "X-CRM-PERSON;X-CRM-ID=7:Bob Secret",
            "X-ALT-DESC:secret",
            "COMMENT:secret",
            "BEGIN:VALARM",
            "ACTION:EMAIL",
            "TRIGGER:-PT15M",
            "ATTENDEE:mailto:bob@secret.example",
            "SUMMARY:x",
            "DESCRIPTION:y",
            "END:VALARM",
        )
    )
    assert "secret" not in text.lower()
    assert "VALARM" not in text
    assert "SUMMARY:Coffee" in text


@pytest.mark.parametrize("how", ["row", "class"])
def test_a_private_event_is_a_busy_block(how):
    """Its time shows and nothing else, whether the row or the text says that it is private."""
    lines = [START, "DTEND:20260302T100000Z", "RRULE:FREQ=DAILY;COUNT=2", "SUMMARY:Surgery"]
    lines += ["LOCATION:Clinic", "DESCRIPTION:Left knee", "CATEGORIES:Health"]
    if how == "class":
        lines.append("CLASS:CONFIDENTIAL")
    text = file_of(entry(*lines, private=how == "row"))
    assert "SUMMARY:Busy\r\n" in text
    assert "RRULE:FREQ=DAILY;COUNT=2" in text
    for word in ("Surgery", "Clinic", "knee", "Health"):
        assert word not in text


def test_a_busy_block_says_nothing_beside_its_time():
    """Parameters, statuses and zone definitions hold what somebody wrote, too."""
    zone = ZONE.replace("BEGIN:STANDARD", "X-WHERE:Clinic\r\nBEGIN:STANDARD").replace(
        "END:STANDARD", "TZNAME:Clinic\r\nCOMMENT:Clinic\r\nEND:STANDARD"
    )
    zoned = ";TZID=Europe/Prague;X-WHAT=Surgery:20260302T"
    lines = (f"DTSTART{zoned}090000", f"DTEND{zoned}100000", "STATUS:SURGERY", "CLASS:PRIVATE")
    text = file_of(entry(*lines, zone=zone))
    assert "DTSTART;TZID=Europe/Prague:20260302T090000\r\n" in text
    assert "TZOFFSETTO:+0100\r\n" in text
    for word in ("Clinic", "Surgery", "SURGERY"):
        assert word not in text


@pytest.mark.parametrize("class_", ["PRIVATE", "CONFIDENTIAL", "X-INTERNAL"])
def test_a_private_override_hides_its_whole_series(class_):
    """A busy block among open instances would tell which one is the private one.

    A class nobody knows is as private as one that says so (RFC 5545 section 3.8.1.3).
    """
    override = "BEGIN:VEVENT\r\nUID:one\r\nDTSTAMP:20260301T000000Z\r\n"
    override += "RECURRENCE-ID:20260303T090000Z\r\nDTSTART:20260303T110000Z\r\n"
    override += f"SUMMARY:Secret\r\nCLASS:{class_}\r\nEND:VEVENT\r\n"
    open_series = entry(START, "RRULE:FREQ=DAILY;COUNT=3", "SUMMARY:Standup").object.text
    whole = open_series.replace("END:VCALENDAR", f"{override}END:VCALENDAR")
    text = file_of(Entry(object=CalendarObject.parse(whole), private=False))
    assert text.count("SUMMARY:Busy\r\n") == 2
    assert "Secret" not in text
    assert "Standup" not in text


def test_private_todos_and_private_free_time_are_left_out():
    """There is no block of time to show."""
    free = entry(START, "TRANSP:TRANSPARENT", "SUMMARY:Secret", private=True)
    todo = entry("DUE:20260302T090000Z", component="VTODO", private=True)
    assert "BEGIN:V" not in file_of(free, todo).replace("BEGIN:VCALENDAR", "")


def test_dated_todos_are_shown_and_undated_ones_are_not():
    """A to-do without a date has no place in a calendar, even when it says when it was made."""
    dated = entry("DUE;VALUE=DATE:20260302", "SUMMARY:Offer", component="VTODO", uid="a")
    undated = entry("CREATED:20260301T000000Z", "SUMMARY:Someday", component="VTODO", uid="b")
    text = file_of(dated, undated)
    assert "SUMMARY:Offer" in text
    assert "Someday" not in text


def test_each_time_zone_stands_once_and_only_where_it_is_needed():
    """Definitions are not repeated for each event, nor kept for what is left out."""
    zoned = "DTSTART;TZID=Europe/Prague:20260302T090000"
    text = file_of(
        entry(zoned, zone=ZONE, uid="a"),
        entry(zoned, zone=ZONE.replace("\r\n", "\n"), uid="b"),
        entry("SUMMARY:x", component="VTODO", zone=ZONE.replace("Prague", "Paris"), uid="c"),
    )
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert "Paris" not in text


def test_the_file_tells_its_name_zone_and_how_often_to_look():
    """RFC 7986 names and the ones older programs know."""
    text = file_of(name="Anna, née Nová; " + "x" * 80)
    calendar = icalendar.Calendar.from_ical(text)
    told = r"Anna\, née Nová\; " + "x" * 80
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == told
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    assert "X-PUBLISHED-TTL:PT1H\r\n" in text
    assert "X-WR-TIMEZONE:Europe/Prague\r\n" in text


def test_folded_lines_stay_folded_as_they_were():
    """Lines are copied, not rewritten."""
    text = file_of(entry(START, "SUMMARY:one\r\n  two"))
    assert "SUMMARY:one\r\n  two\r\n" in text
