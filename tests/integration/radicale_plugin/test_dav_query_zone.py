"""Floating times and days in the zone of a calendar-query, else of the calendar."""

from __future__ import annotations

import pytest

HOME = "/anna/activities/"
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def zone(tzid, offset="+0900", count=1):
    """Return a calendar with time zones that keep one offset."""
    one = (
        f"BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        f"TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{one * count}END:VCALENDAR\r\n"


TOKYO = zone("Asia/Tokyo")


def put(client, name, *lines):
    """Store an event of these lines."""
    text = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:{name}\r\n"
        "DTSTAMP:20260301T080000Z\r\n"
        + "".join(f"{line}\r\n" for line in lines)
        + "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert client.put(f"{HOME}{name}.ics", text).status == 201


def ask(client, timezone, inner, data=""):
    """Send a calendar-query on events."""
    element = f"<C:timezone>{timezone}</C:timezone>" if timezone else ""
    body = (
        f"<C:calendar-query {SPACES}><D:prop><D:getetag/>{data}</D:prop><C:filter>"
        f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{inner}</C:comp-filter>'
        f"</C:comp-filter></C:filter>{element}</C:calendar-query>"
    )
    return client.request("REPORT", HOME, body)


def names(answer):
    """Return the names told."""
    return sorted(href.rpartition("/")[2].removesuffix(".ics") for href in answer.hrefs())


def between(start, end):
    """Return a range within 1 to 9 March 2026, each end as day and time."""
    return f'<C:time-range start="2026030{start}Z" end="2026030{end}Z"/>'


@pytest.fixture
def filled(anna):
    """A calendar of someone in Prague with what has no zone of its own, and what has one."""
    put(anna, "single", "DTSTART:20260305T010000", "DURATION:PT1H")
    put(anna, "day", "DTSTART;VALUE=DATE:20260307")
    put(anna, "series", "DTSTART:20260302T010000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2")
    put(anna, "fixed", "DTSTART:20260305T000000Z", "DURATION:PT1H")
    return anna


@pytest.mark.parametrize("data", ["", "<C:calendar-data/>", "<D:getlastmodified/>"])
def test_a_range_is_of_the_zone_that_is_asked_in(filled, data):
    """RFC 4791 section 9.8: one in the morning in Tokyo is four in the afternoon before in UTC."""
    cases = [
        ("1T160000", "1T170000", ["series"], []),
        ("2T160000", "2T170000", ["series"], []),
        ("3T000000", "3T010000", [], ["series"]),
        ("4T160000", "4T170000", ["single"], []),
        ("5T000000", "5T010000", ["fixed"], ["fixed", "single"]),
        ("6T150000", "6T160000", ["day"], []),
        ("7T150000", "7T160000", [], ["day"]),
    ]
    for start, end, in_tokyo, in_prague in cases:
        window = between(start, end)
        assert names(ask(filled, TOKYO, window, data)) == in_tokyo, window
        assert names(ask(filled, "", window, data)) == in_prague, window


def test_a_zone_that_has_no_known_name_is_told_by_its_hours(filled):
    """As for the zones of objects."""
    window = between("4T160000", "4T170000")
    assert names(ask(filled, zone("Our office"), window)) == ["single"]


def test_values_of_properties_are_read_in_the_zone(filled):
    """RFC 4791 section 9.9, a range of a property."""
    window = f'<C:prop-filter name="DTSTART">{between("4T160000", "4T170000")}</C:prop-filter>'
    assert names(ask(filled, TOKYO, window)) == ["single"]
    assert names(ask(filled, "", window)) == []


@pytest.mark.parametrize(
    ("window", "wall"),
    [
        ('start="20260301T160000Z" end="20260301T170000Z"', "20260302T010000"),
        ('start="20260304T160000Z" end="20260304T170000Z"', "20260305T010000"),
    ],
)
def test_instances_are_expanded_in_the_zone(filled, window, wall):
    """What the store has on record of them is another zone's; they stay floating."""
    data = f"<C:calendar-data><C:expand {window}/></C:calendar-data>"
    (told,) = ask(filled, TOKYO, f"<C:time-range {window}/>", data).xml.iter(DATA)
    assert told.text.count("BEGIN:VEVENT") == 1
    assert f"DTSTART:{wall}\r\n" in told.text


@pytest.mark.parametrize(
    ("start", "end"), [("00010101T000000Z", "99991231T235959Z"), (None, "20260302T000000Z")]
)
def test_ranges_to_the_ends_of_the_calendar_are_answered(filled, start, end):
    """There is nothing beyond to widen them by."""
    ends = (f'start="{start}" ' if start else "") + f'end="{end}"'
    found = names(ask(filled, TOKYO, f"<C:time-range {ends}/>"))
    assert found == (["day", "fixed", "series", "single"] if start else ["series"])


@one_database
@pytest.mark.parametrize(
    "timezone",
    [
        "",
        "no calendar",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        zone("Asia/Tokyo", count=2),
        zone("Nowhere", "+0123"),
        zone("Nowhere", "+9999"),
    ],
    ids=["empty", "noise", "none", "two", "odd", "impossible"],
)
def test_what_is_no_zone_is_refused(filled, timezone):
    """RFC 4791 section 7.8: `valid-calendar-data`."""
    answer = ask(filled, timezone or " ", between("4T160000", "4T170000"))
    assert (answer.status, answer.condition) == (403, "valid-calendar-data")
