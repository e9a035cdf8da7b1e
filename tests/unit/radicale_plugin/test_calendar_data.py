"""What a report's calendar-data asks for, and the parts of objects it leads to."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from xml.sax.saxutils import unescape

import pytest

from bridge.errors import InvalidInput
from bridge.store.calendar_values import StoredObject
from radicale_plugin.calendar_data import read_calendar_data
from radicale_plugin.instances import Budget
from radicale_plugin.refusals import Refusal
from radicale_plugin.resources import Kind, Resource

SERIES = "\r\n".join(
    [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//client//EN",
        "X-OWN:kept",
        "BEGIN:VEVENT",
        "UID:one",
        "DTSTAMP:20260301T000000Z",
        "DTSTART:20260302T090000Z",
        "DTEND:20260302T100000Z",
        "RRULE:FREQ=WEEKLY;COUNT=10",
        "SUMMARY:A title that is long enough to be folded over to a second line by who",
        " wrote it",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:x",
        "TRIGGER:-PT5M",
        "END:VALARM",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:one",
        "DTSTAMP:20260301T000000Z",
        "RECURRENCE-ID:20260309T090000Z",
        "DTSTART:20260309T110000Z",
        "DTEND:20260309T120000Z",
        "SUMMARY:moved",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
)


def read(inner, attributes=""):
    """Read calendar-data with this content from a report."""
    root = ET.fromstring(  # noqa: S314 - our own text
        '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop>'
        f"<C:calendar-data {attributes}>{inner}</C:calendar-data></D:prop></C:calendar-query>"
    )
    return read_calendar_data(root, Budget(100))


def told(inner):
    """Return what is told of the series."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    stored = StoredObject(
        id=1,
        calendar_id=1,
        href="one.ics",
        uid="one",
        component="VEVENT",
        text=SERIES,
        revision=1,
        epoch="e",
        first_utc=now,
        last_utc=None,
        recurring=True,
        private=False,
        activity_id=None,
        modified_at=now,
    )
    resource = Resource(Kind.OBJECT, "/anna/a/one.ics", "r", None, stored)
    return unescape(read(inner).value(resource, None)).replace("&#13;", "\r")


def test_everything_is_told_as_it_is():
    """Without any choice the text is the stored one."""
    assert told("") == SERIES


def test_chosen_properties_come_with_their_folds():
    """Version and product are told all the same, as without them there is no calendar."""
    text = told(
        '<C:comp name="VCALENDAR"><C:comp name="VEVENT"><C:prop name="UID"/>'
        '<C:prop name="SUMMARY"/><C:prop name="DTSTART" novalue="yes"/></C:comp></C:comp>'
    )
    assert text.split("\r\n")[:7] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//client//EN",
        "BEGIN:VEVENT",
        "UID:one",
        "DTSTART:",
        "SUMMARY:A title that is long enough to be folded over to a second line by who",
    ]
    assert "\r\n wrote it\r\n" in text
    assert "VALARM" not in text
    assert "X-OWN" not in text
    assert text.endswith("END:VEVENT\r\nEND:VCALENDAR\r\n")


def test_all_properties_and_components_can_be_named():
    """`allprop` and `allcomp` lead to the whole."""
    inner = (
        '<C:comp name="VCALENDAR"><C:allprop/><C:comp name="VEVENT"><C:allprop/><C:allcomp/>'
        "</C:comp></C:comp>"
    )
    assert told(inner) == SERIES


def test_a_component_named_several_times_is_told_once():
    """A short request would have an answer of any length otherwise."""
    event = '<C:comp name="VEVENT"><C:prop name="UID"/></C:comp>'
    text = told(f'<C:comp name="VCALENDAR">{event * 50}</C:comp>')
    assert text.count("BEGIN:VEVENT") == SERIES.count("BEGIN:VEVENT")


def test_overrides_outside_of_the_limit_are_left_out():
    """RFC 4791 section 9.6.6: the master stays."""
    window = 'start="20260401T000000Z" end="20260501T000000Z"'
    text = told(f"<C:limit-recurrence-set {window}/>")
    assert "RRULE" in text
    assert "moved" not in text
    inside = 'start="20260301T000000Z" end="20260401T000000Z"'
    assert told(f"<C:limit-recurrence-set {inside}/>") == SERIES


def test_expand_is_read():
    """A half-open window in UTC."""
    data = read('<C:expand start="20260301T000000Z" end="20260401T000000Z"/>')
    assert (data.expand.start, data.expand.end) == (
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 4, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("name", ["expand", "limit-recurrence-set"])
@pytest.mark.parametrize(
    "attributes",
    [
        "",
        'start="20260301T000000Z"',
        'start="x" end="y"',
        'start="20260401T000000Z" end="20260301T000000Z"',
    ],
)
def test_a_malformed_window_is_refused(name, attributes):
    """Both ends, in UTC, in order."""
    with pytest.raises(InvalidInput):
        read(f"<C:{name} {attributes}/>")


@pytest.mark.parametrize("inner", ["<C:comp/>", '<C:comp name="VCALENDAR"><C:prop/></C:comp>'])
def test_a_part_without_a_name_is_refused(inner):
    """There is nothing to look for."""
    with pytest.raises(InvalidInput):
        read(inner)


@pytest.mark.parametrize("attributes", ['content-type="text/vcard"', 'version="3.0"'])
def test_other_formats_are_refused(attributes):
    """With the precondition of RFC 4791 section 7.8."""
    with pytest.raises(Refusal) as caught:
        read("", attributes)
    assert caught.value.condition == "C:supported-calendar-data"
