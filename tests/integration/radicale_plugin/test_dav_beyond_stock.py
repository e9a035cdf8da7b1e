"""Where stock Radicale 3.9.0 loses data or answers 500, and we do not."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

CALENDAR = "/anna/activities/"
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
D, C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
MONTH = 'start="20260301T000000Z" end="20260401T000000Z"'
IN_MARCH = f'<C:comp-filter name="VEVENT"><C:time-range {MONTH}/></C:comp-filter>'
EXPANDED = f"<C:calendar-data><C:expand {MONTH}/></C:calendar-data>"


@pytest.mark.parametrize("component", ["VTODO", "VJOURNAL"])
def test_a_component_the_calendar_does_not_take_is_refused(anna, event, component):
    """Stock takes a to-do into a calendar that says it holds events only."""
    text = event().replace("VEVENT", component)
    if component == "VTODO":
        text = text.replace("DTEND", "DUE")
    put = anna.put(f"{CALENDAR}t.ics", text)
    assert (put.status, put.condition) == (403, "supported-calendar-component")
    assert anna.get(f"{CALENDAR}t.ics").status == 404


@pytest.mark.parametrize("change", ["set", "remove"])
@pytest.mark.parametrize("calendar", [CALENDAR, "/anna/trips/"])
def test_proppatch_of_the_type_leaves_the_calendar_a_calendar(anna, event, change, calendar):
    """Stock forgets that it is one, and with it all that is inside."""
    anna.request("MKCALENDAR", "/anna/trips/")
    anna.put(f"{calendar}one.ics", event())
    value = "" if change == "remove" else "<D:collection/>"
    body = (
        f"<D:propertyupdate {SPACES}><D:{change}><D:prop><D:resourcetype>{value}"
        f"</D:resourcetype></D:prop></D:{change}></D:propertyupdate>"
    )
    answer = anna.request("PROPPATCH", calendar, body)
    assert answer.status == 207
    assert answer.text_of(f"{D}status").split()[1] == "403"
    told = anna.propfind(calendar, "<D:resourcetype/>").xml
    assert next(told.iter(f"{C}calendar"), None) is not None
    assert anna.get(f"{calendar}one.ics").body == event().encode()


@pytest.mark.parametrize("props", ["<D:prop/>", "<D:prop></D:prop>"])
def test_a_sync_that_asks_for_no_property_names_every_change(anna, event, props):
    """Stock names no resource then, so a client takes itself for up to date."""
    first = anna.sync(CALENDAR).text_of(f"{D}sync-token")
    anna.put(f"{CALENDAR}kept.ics", event("kept"))
    anna.put(f"{CALENDAR}gone.ics", event("gone"))
    between = anna.sync(CALENDAR, first).text_of(f"{D}sync-token")
    anna.request("DELETE", f"{CALENDAR}gone.ics")
    anna.put(f"{CALENDAR}new.ics", event("new"))

    def names(token: str, status: int | None = None) -> set[str]:
        body = (
            f"<D:sync-collection {SPACES}><D:sync-token>{token}</D:sync-token>"
            f"<D:sync-level>1</D:sync-level>{props}</D:sync-collection>"
        )
        hrefs = anna.request("REPORT", CALENDAR, body).hrefs(status)
        return {href.rpartition("/")[2] for href in hrefs}

    assert names("") == {"kept.ics", "new.ics"}
    assert names(between) == {"gone.ics", "new.ics"}
    assert names(between, 404) == {"gone.ics"}


def test_an_object_of_overrides_alone_is_expanded_beside_the_others(anna, event):
    """One instance of somebody's series, to which one was invited; stock answers 500."""
    invited = event("series", "Invited", "20260310T090000Z", "RECURRENCE-ID:20260310T080000Z")
    assert anna.put(f"{CALENDAR}invited.ics", invited).status == 201
    series = event("daily", "Stand-up", "20260330T070000Z", "RRULE:FREQ=DAILY;COUNT=5")
    assert anna.put(f"{CALENDAR}daily.ics", series).status == 201
    answer = anna.query(CALENDAR, IN_MARCH, EXPANDED)
    assert answer.status == 207
    texts = "".join(data.text for data in answer.xml.iter(f"{C}calendar-data"))
    assert texts.count("BEGIN:VEVENT") == 3
    assert "SUMMARY:Invited" in texts
    assert "RECURRENCE-ID:20260310T080000Z" in texts
    assert len(anna.query(CALENDAR, IN_MARCH).hrefs()) == 2


@pytest.mark.parametrize(
    "oddity",
    [
        "EXDATE;VALUE=DATE:20260304",
        "EXDATE:20260304",
        "EXDATE:20260304T090000",
        "EXDATE;TZID=Nowhere/Land:20260304T090000",
        "RDATE;VALUE=DATE:20260305",
        "EXDATE:",
    ],
)
def test_an_exdate_of_another_kind_is_taken_or_refused_with_its_precondition(anna, event, oddity):
    """Either way the calendar is answered for afterwards; stock breaks every later query."""
    text = event("odd", "Odd", "20260302T090000Z", "RRULE:FREQ=DAILY;COUNT=5", oddity)
    put = anna.put(f"{CALENDAR}odd.ics", text)
    if put.status == 201:
        assert anna.get(f"{CALENDAR}odd.ics").body == text.encode()
    else:
        assert (put.status, put.condition) == (403, "valid-calendar-data")
    anna.put(f"{CALENDAR}one.ics", event())
    for data in ("<C:calendar-data/>", EXPANDED):
        answer = anna.query(CALENDAR, IN_MARCH, data)
        assert answer.status == 207
        assert f"/dav{CALENDAR}one.ics" in answer.hrefs()
    free_busy = f"<C:free-busy-query {SPACES}><C:time-range {MONTH}/></C:free-busy-query>"
    assert anna.request("REPORT", CALENDAR, free_busy).status == 200


def test_a_byte_order_mark_is_taken_or_refused_with_its_precondition(anna, event):
    """Exports of Windows programs begin with one; stock answers 400 without a word."""
    text = "\ufeff" + event()
    put = anna.put(f"{CALENDAR}bom.ics", text)
    if put.status == 201:
        assert anna.get(f"{CALENDAR}bom.ics").body.decode("utf-8-sig") == event()
        assert len(anna.query(CALENDAR, IN_MARCH).hrefs()) == 1
    else:
        assert (put.status, put.condition) == (403, "valid-calendar-data")
