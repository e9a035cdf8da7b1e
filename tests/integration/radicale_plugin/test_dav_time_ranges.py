"""Time ranges over HTTP: instances, alarms, expansion and free-busy from what is on record."""

from __future__ import annotations

HOME = "/anna/activities/"
DAY = '<C:time-range start="20260302T000000Z" end="20260303T000000Z"/>'
MONTH = 'start="20260301T000000Z" end="20260401T000000Z"'
ALARM = (
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "DESCRIPTION:x",
    "TRIGGER:-PT1H",
    "END:VALARM",
)


def alarms(window):
    """Return the filter for events of which an alarm rings in the window."""
    inner = f'<C:comp-filter name="VALARM"><C:time-range {window}/></C:comp-filter>'
    return f'<C:comp-filter name="VEVENT">{inner}</C:comp-filter>'


def test_alarms_are_found_by_when_they_ring(anna, event):
    """An hour before: of a single event, and of a later instance of a series."""
    anna.put(HOME + "a.ics", event("a", "x", "20260302T090000Z", *ALARM))
    anna.put(HOME + "b.ics", event("b", "x", "20260223T090000Z", "RRULE:FREQ=WEEKLY", *ALARM))
    anna.put(HOME + "c.ics", event("c", "x", "20260302T090000Z"))
    before = 'start="20260302T080000Z" end="20260302T090000Z"'
    found = anna.query(HOME, alarms(before))
    assert [href[-5] for href in found.hrefs()] == ["a", "b"]
    after = 'start="20260302T090000Z" end="20260302T100000Z"'
    assert anna.query(HOME, alarms(after)).hrefs() == []


def test_expansion_of_series_singles_and_overrides(anna, event):
    """Each object's instances in the window, in UTC."""
    zone = "RRULE:FREQ=WEEKLY;COUNT=30"
    anna.put(HOME + "w.ics", event("w", "x", "20260105T090000Z", zone))
    anna.put(HOME + "s.ics", event("s", "single", "20260310T090000Z"))
    lone = event("o", "lone", "20260311T090000Z", "RECURRENCE-ID:20260312T090000Z")
    anna.put(HOME + "o.ics", lone)
    answer = anna.query(
        HOME,
        f'<C:comp-filter name="VEVENT"><C:time-range {MONTH}/></C:comp-filter>',
        f"<C:calendar-data><C:expand {MONTH}/></C:calendar-data>",
    )
    data = "{urn:ietf:params:xml:ns:caldav}calendar-data"
    texts = [element.text for element in answer.xml.iter(data)]
    assert sorted(text.count("BEGIN:VEVENT") for text in texts) == [1, 1, 5]
    assert any("RECURRENCE-ID:20260312T090000Z" in text for text in texts)
    assert not any("RRULE" in text for text in texts)


def test_free_busy_knows_series(anna, event):
    """Instances on record, less what is free."""
    anna.put(HOME + "w.ics", event("w", "x", "20260216T090000Z", "RRULE:FREQ=WEEKLY"))
    free = ("RRULE:FREQ=DAILY", "TRANSP:TRANSPARENT")
    anna.put(HOME + "f.ics", event("f", "x", "20260216T120000Z", *free))
    body = f'<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">{DAY}</C:free-busy-query>'
    text = anna.request("REPORT", HOME, body).body.decode()
    lines = [line for line in text.split("\r\n") if line.startswith("FREEBUSY")]
    assert lines == ["FREEBUSY;FBTYPE=BUSY:20260302T090000Z/20260302T100000Z"]
