"""An event and a to-do with one UID, over our server and a rehearsal Google, from end to end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.domain.identifiers import Href, Uid
from bridge.ical.calendar_object import CalendarObject
from bridge.sync import twins

UID = Uid("same@program.example")


def text(component, *lines):
    """Return an object with that UID."""
    told = "".join(f"{line}\r\n" for line in lines)
    return CalendarObject.parse(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\n"
        f"BEGIN:{component}\r\nUID:{UID}\r\nDTSTAMP:20260301T080000Z\r\n{told}"
        f"END:{component}\r\nEND:VCALENDAR\r\n"
    )


@pytest.fixture
def office(joined):
    """Anna syncs an event, and a program of hers puts a to-do with its UID beside it."""
    office = joined("anna")
    with office.core.database.write() as work:
        (connection,) = work.connections.list()
        both = replace(connection.settings, outgoing_types=frozenset({"meeting", "task"}))
        work.connections.save(replace(connection, settings=both))
    start = office.tomorrow
    moment = f"{start:%Y%m%dT%H%M%SZ}"
    put(
        office,
        "activities",
        text("VEVENT", f"DTSTART:{moment}", "DURATION:PT1H", "SUMMARY:Plan"),
    )
    office.run("anna")
    due = f"{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}"
    put(office, "tasks", text("VTODO", f"DUE:{due}", "SUMMARY:Plan"))
    return office


def put(office, slug, item):
    """Let a client store an object under the name of its UID."""
    user = office.user("anna").id
    with office.core.database.write([user]) as work:
        calendar = work.calendars.calendar(user, slug)
        work.calendars.put(
            calendar, Href(f"{UID}.ics"), item, origin="client", now=office.core.clock.now()
        )


def summaries(office):
    """Return what Google and the first calendar show."""
    google = [event["summary"] for event in office.events("anna")]
    return google, [stored.object.head().text("SUMMARY") for stored in office.objects("anna")]


def test_nothing_is_written_while_it_may_be_a_move(office):
    """The event at Google is the only one, and waits."""
    (event,) = office.events("anna")
    office.act("anna", "edit", event=event["id"], fields={"summary": "Renamed"})
    office.run("anna")
    assert summaries(office) == (["Renamed"], ["Plan"])


def test_after_that_the_event_is_synced_and_the_to_do_is_left_alone(office, monkeypatch):
    """Nothing comes twice; the to-do follows once the event was deleted."""
    office.run("anna")
    monkeypatch.setattr(twins, "MOVE_TAKES", timedelta(0))
    (event,) = office.events("anna")
    office.act("anna", "edit", event=event["id"], fields={"summary": "Renamed"})
    office.run("anna")
    assert summaries(office) == (["Renamed"], ["Renamed"])
    user = office.user("anna").id
    with office.core.database.write([user]) as work:
        calendar = work.calendars.calendar(user, "activities")
        (stored,) = work.calendars.objects(calendar)
        now = office.core.clock.now()
        work.calendars.delete(calendar, stored.href, origin="client", now=now)
    office.run("anna")
    ((google,), here) = summaries(office)
    assert (google, here) == ("Renamed", [])
    with office.core.database.read() as work:
        (todo,) = work.calendars.objects(work.calendars.calendar(user, "tasks"))
    assert todo.object.head().text("SUMMARY") == "Renamed"
