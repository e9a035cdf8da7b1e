"""What requests cost: nothing is parsed to read, and statements do not grow with the calendar."""

from __future__ import annotations

import icalendar
import pytest
import vobject.base

HOME = "/anna/activities/"
MONTH = '<C:time-range start="20260301T000000Z" end="20260401T000000Z"/>'
IN_MARCH = f'<C:comp-filter name="VEVENT">{MONTH}</C:comp-filter>'
PARTIAL = (
    '<C:calendar-data><C:comp name="VCALENDAR"><C:comp name="VEVENT"><C:prop name="UID"/></C:comp>'
    "</C:comp></C:calendar-data>"
)

READS = {
    "get": lambda client: client.get(HOME + "1.ics"),
    "poll": lambda client: client.propfind(HOME, "<CS:getctag/><D:sync-token/>"),
    "listing": lambda client: client.propfind(HOME, "<D:getetag/>", depth="1"),
    "sync": lambda client: client.sync(HOME),
    "multiget": lambda client: client.multiget(HOME, *[f"/dav{HOME}{n}.ics" for n in range(3)]),
    "month": lambda client: client.query(
        HOME, f'<C:comp-filter name="VEVENT">{MONTH}</C:comp-filter>'
    ),
    "partial": lambda client: client.query(HOME, IN_MARCH, PARTIAL),
    "all": lambda client: client.query(HOME, '<C:comp-filter name="VEVENT"/>', ""),
    "export": lambda client: client.get(HOME),
    "home": lambda client: client.propfind("/anna/", "<D:displayname/>", depth="1"),
}

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
def parses(monkeypatch):
    """Count what is parsed by either library."""
    seen = []
    read, read_all = icalendar.Calendar.from_ical.__func__, vobject.base.readComponents

    def from_ical(cls, *args, **kwargs):
        seen.append("icalendar")
        return read(cls, *args, **kwargs)

    def read_components(*args, **kwargs):
        seen.append("vobject")
        return read_all(*args, **kwargs)

    monkeypatch.setattr(icalendar.Calendar, "from_ical", classmethod(from_ical))
    monkeypatch.setattr(vobject.base, "readComponents", read_components)
    return seen


@pytest.mark.parametrize("kind", READS)
def test_reads_parse_nothing_and_ask_a_constant_number_of_questions(
    anna, event, parses, sent, kind
):
    """The same number for three objects as for thirty."""

    def fill(numbers):
        for number in numbers:
            assert anna.put(HOME + f"{number}.ics", event(str(number))).status == 201

    def cost():
        parses.clear()
        sent.clear()
        assert READS[kind](anna).status in (200, 207)
        assert parses == []
        return len(sent)

    fill(range(3))
    few = cost()
    fill(range(3, 30))
    assert cost() == few
    assert 0 < few <= 6, sent


@one_database
def test_writes_never_ask_vobject(anna, event, parses):
    """PUT and DELETE do without it, and so do queries on properties, expand and free-busy."""
    anna.put(HOME + "a.ics", event("a", "x", "20260216T090000Z", "RRULE:FREQ=WEEKLY"))
    window = 'start="20260301T000000Z" end="20260315T000000Z"'
    text_match = '<C:prop-filter name="SUMMARY"><C:text-match>x</C:text-match></C:prop-filter>'
    expand = f"<C:calendar-data><C:expand {window}/></C:calendar-data>"
    assert anna.query(HOME, IN_MARCH, expand).hrefs()
    assert anna.query(HOME, f'<C:comp-filter name="VEVENT">{text_match}</C:comp-filter>').hrefs()
    body = f'<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">{MONTH}</C:free-busy-query>'
    assert anna.request("REPORT", HOME, body).status == 200
    anna.request("DELETE", HOME + "a.ics")
    assert "vobject" not in parses


def test_a_delta_asks_for_what_changed_only(anna, event, sent):
    """Whatever lies in the calendar."""
    for number in range(20):
        anna.put(HOME + f"{number}.ics", event(str(number)))
    token = anna.sync(HOME).text_of("{DAV:}sync-token")
    anna.put(HOME + "3.ics", event("3", "changed"))
    sent.clear()
    assert anna.sync(HOME, token).hrefs() == [f"/dav{HOME}3.ics"]
    assert 0 < len(sent) <= 6


@pytest.mark.parametrize("kind", ["poll", "listing", "sync", "all", "home"])
def test_what_tells_no_texts_reads_none(anna, event, sent, kind):
    """Neither whole ones nor their sizes."""
    anna.put(HOME + "a.ics", event("a"))
    sent.clear()
    assert READS[kind](anna).status == 207
    assert sent
    assert not any("calendar_objects.text" in each.text for each in sent)
