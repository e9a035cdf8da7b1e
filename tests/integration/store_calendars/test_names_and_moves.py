"""MOVE, and calendars of the user's own making."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.identifiers import Href
from bridge.errors import ConversionError, NotFound, UidConflict, UnsupportedComponent
from bridge.ical.calendar_object import CalendarObject

VJOURNAL = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Phone//EN\r\nBEGIN:VJOURNAL\r\n"
    "UID:j@x\r\nDTSTAMP:20260301T080000Z\r\nDTSTART:20260310T100000Z\r\nSUMMARY:Diary\r\n"
    "CLASS:PRIVATE\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def private(desk, foreign):
    """A calendar that takes every component, as MKCALENDAR makes one."""
    foreign(
        "INSERT INTO calendars (company_id, owner_id, slug, kind, components, created_at,"
        " modified_at) VALUES (:company, :owner, 'mine', 'user', 'VEVENT,VTODO,VJOURNAL',"
        " '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        company=desk.user.company_id,
        owner=desk.user.id,
    )
    return "mine"


def move(desk, href, target, source="activities", target_slug="activities"):
    """Move a name in a transaction of its own."""
    ends = desk.calendar(source), desk.calendar(target_slug)
    with desk.database.write([desk.user.id]) as work:
        return work.calendars.move(
            ends[0], Href(href), ends[1], Href(target), origin="client", now=desk.now
        )


def test_renamed_object_keeps_bytes_and_activity(desk):
    """The old name is told as gone, the new one as changed."""
    put = desk.put(desk.vevent())
    moved = move(desk, "a.ics", "b.ics")
    assert (moved.text, moved.activity_id, moved.id) == (put.text, put.activity_id, put.id)
    assert moved.etag != put.etag
    assert desk.object("a.ics") is None
    assert desk.present("b.ics") == moved
    assert set(desk.changed(put.revision)) == {"a.ics", "b.ics"}
    assert not desk.pending()


def test_move_to_another_calendar_and_back_keeps_the_type(desk, private):
    """A client's move is no change of the activity."""
    put = desk.put(desk.vevent("a@x", "x", "CATEGORIES:Call"))
    moved = move(desk, "a.ics", "a.ics", target_slug=private)
    assert desk.object("a.ics") is None
    assert moved.calendar_id == desk.calendar(private).id
    assert desk.activity(put.activity_id).type_key == "call"
    back = move(desk, "a.ics", "a.ics", source=private)
    assert back.revision > moved.revision
    assert desk.changed(put.revision) == ["a.ics"]
    assert desk.changed(0, private) == ["a.ics"]
    assert desk.objects(private) == []


def test_move_onto_a_name_takes_its_place(desk):
    """What had the name is deleted, its activity too."""
    put = desk.put(desk.vevent())
    other = desk.put(desk.vevent("b@x"), "b.ics")
    move(desk, "a.ics", "b.ics")
    assert [each.uid for each in desk.objects()] == ["a@x"]
    assert [each.id for each in desk.activities()] == [put.activity_id]
    assert [each.id for each in desk.activities(deleted=True)] == [other.activity_id]


def test_move_that_cannot_be_is_refused(desk, private, make_user):
    """Component, UID, existence and home are looked at."""
    put = desk.put(desk.vevent())
    desk.put(desk.vevent("a@x"), "other.ics", private)
    with pytest.raises(UnsupportedComponent):
        move(desk, "a.ics", "a.ics", target_slug="tasks")
    with pytest.raises(UidConflict):
        move(desk, "a.ics", "a.ics", target_slug=private)
    with pytest.raises(NotFound):
        move(desk, "none.ics", "b.ics")
    theirs = type(desk)(desk.database, make_user("bob"), desk.now).calendar()
    mine = desk.calendar()
    with desk.database.write([desk.user.id]) as work, pytest.raises(NotFound):
        work.calendars.move(
            mine, Href("a.ics"), theirs, Href("a.ics"), origin="client", now=desk.now
        )
    assert desk.present() == put


def test_journal_entry_is_kept_without_an_activity(desk, private):
    """It is private because it says so; the standard calendars take none."""
    put = desk.put(VJOURNAL, "j.ics", private)
    assert (put.activity_id, put.private, put.text) == (None, True, VJOURNAL)
    assert desk.activities() == ()
    desk.put(VJOURNAL.replace("Diary", "Log"), "j.ics", private)
    desk.delete("j.ics", private)
    assert desk.objects(private) == []
    with pytest.raises(UnsupportedComponent):
        desk.put(VJOURNAL, "j.ics")


def test_event_in_a_calendar_of_ones_own_is_an_activity(desk, private):
    """Every type may be chosen there; the CRM's change of type leaves it in place."""
    put = desk.put(desk.vevent("a@x", "x", "CATEGORIES:Deadline"), "a.ics", private)
    activity = desk.activity(put.activity_id)
    assert activity.type_key == "deadline"
    todo = desk.put(desk.vtodo("t@x", "y"), "t.ics", private)
    assert desk.activity(todo.activity_id).type_key == "task"
    desk.update(replace(activity, type_key="call"))
    after = desk.present("a.ics", private)
    assert after.component == "VEVENT"
    assert "Call" in after.text


def test_object_whose_meaning_is_lost_keeps_its_text(desk, private):
    """An edit into what is no activity lets the activity go, never the object."""
    put = desk.put(desk.vevent("j@x"), "j.ics", private)
    again = desk.put(VJOURNAL, "j.ics", private)
    assert (again.text, again.activity_id) == (VJOURNAL, None)
    assert [each.id for each in desk.activities(deleted=True)] == [put.activity_id]
    assert not desk.pending()


def test_what_is_no_activity_is_refused_in_a_standard_calendar(desk):
    """Nothing remains of it, whatever the caller does next."""
    odd = desk.vevent().replace("DTSTART:20260310T100000Z", "DTSTART;TZID=Nowhere:20260310T100000")
    calendar = desk.calendar()
    item = CalendarObject(uid="a@x", component="VEVENT", text=odd)
    with desk.database.write([desk.user.id]) as work:
        with pytest.raises(ConversionError), work.savepoint():
            work.calendars.put(calendar, Href("a.ics"), item, origin="client", now=desk.now)
        assert work.calendars.objects(calendar) == []
    assert desk.objects() == []
    assert desk.activities() == ()
