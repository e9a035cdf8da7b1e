"""Further calendars of a home: made, filled, removed, and made again under the same name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.identifiers import Href, Uid
from bridge.errors import (
    AlreadyExists,
    ConversionError,
    InvalidInput,
    NotFound,
    SyncTokenExpired,
    UnsupportedComponent,
)
from bridge.store.calendar_values import USER, NewCalendar

ALL = frozenset({"VEVENT", "VTODO", "VJOURNAL"})
JOURNAL = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Phone//EN\r\nBEGIN:VJOURNAL\r\n"
    "UID:j@x\r\nDTSTAMP:20260301T080000Z\r\nDTSTART;VALUE=DATE:20260301\r\nSUMMARY:Diary\r\n"
    "END:VJOURNAL\r\nEND:VCALENDAR\r\n"
)


def _create(desk, slug="trips", components=ALL, default_type="meeting"):
    new = NewCalendar(
        slug=slug, components=components, default_type=default_type, properties={"{DAV:}x": "1"}
    )
    with desk.database.write([desk.user.id]) as work:
        return work.calendars.create(desk.user.id, new, now=desk.now)


def _remove(desk, slug="trips"):
    calendar = desk.calendar(slug)
    with desk.database.write([desk.user.id]) as work:
        work.calendars.remove(calendar, now=desk.now)
    return calendar


def _move(desk, source, href, target, target_href):
    ends = desk.calendar(source), desk.calendar(target)
    with desk.database.write([desk.user.id]) as work:
        return work.calendars.move(
            ends[0], Href(href), ends[1], Href(target_href), origin="client", now=desk.now
        )


def test_new_calendar_begins_empty_at_a_revision_of_its_own(desk):
    """No token from before it is good for it."""
    desk.put(desk.vevent())
    before = desk.calendar().revision
    made = _create(desk)
    assert (made.kind, made.components, made.default_type) == (USER, ALL, "meeting")
    assert made.properties == {"{DAV:}x": "1"}
    assert made.floor == made.revision > before
    assert desk.objects("trips") == []


@pytest.mark.parametrize("slug", ["", "-x", "a--b", "--"])
def test_name_that_could_be_a_colleagues_calendar_is_refused(desk, slug):
    """Two hyphens stand between owner and calendar there."""
    with pytest.raises(InvalidInput):
        _create(desk, slug=slug)


def test_name_in_use_is_refused(desk):
    """Whether a standard calendar has it or another one."""
    _create(desk)
    for slug in ("trips", "activities"):
        with pytest.raises(AlreadyExists):
            _create(desk, slug=slug)


def test_event_in_a_user_calendar_is_an_activity_of_its_default_type(desk):
    """A to-do, whose collection the default type is not of, is of the stock type."""
    _create(desk, default_type="lunch")
    event = desk.put(desk.vevent(), slug="trips")
    todo = desk.put(desk.vtodo(), href="t.ics", slug="trips")
    assert desk.activity(event.activity_id).type_key == "lunch"
    assert desk.activity(todo.activity_id).type_key == "task"


def test_journal_entry_stays_as_an_object_byte_for_byte(desk):
    """It has no meaning in the CRM."""
    _create(desk)
    stored = desk.put(JOURNAL, href="j.ics", slug="trips")
    assert stored.activity_id is None
    assert desk.present("j.ics", "trips").text == JOURNAL


def test_component_the_calendar_was_not_made_for_is_refused(desk):
    """As in the standard ones."""
    _create(desk, components=frozenset({"VTODO"}))
    with pytest.raises(UnsupportedComponent):
        desk.put(desk.vevent(), slug="trips")


def test_removed_calendar_takes_its_activities_softly_along(desk):
    """They are in the trash; those of other calendars stay."""
    _create(desk)
    kept = desk.put(desk.vevent("kept@x"))
    gone = desk.put(desk.vevent(), slug="trips")
    desk.put(desk.vtodo(), href="t.ics", slug="trips")
    _remove(desk)
    with desk.database.read() as work:
        assert work.calendars.calendar(desk.user.id, "trips") is None
    assert [each.id for each in desk.activities()] == [kept.activity_id]
    assert gone.activity_id in [each.id for each in desk.activities(deleted=True)]
    assert not desk.pending()


def test_calendar_made_again_repeats_no_token_and_no_etag(desk):
    """A client that remembers the old one reads everything anew."""
    _create(desk)
    old = desk.put(desk.vevent(), slug="trips")
    deleted = desk.put(desk.vevent("b@x"), href="b.ics", slug="trips")
    desk.delete("b.ics", "trips")
    before = _remove(desk)
    again = _create(desk)
    new = desk.put(desk.vevent(), slug="trips")
    assert new.etag not in (old.etag, deleted.etag)
    assert new.revision > before.revision
    for revision in range(before.revision + 1):
        with pytest.raises(SyncTokenExpired):
            desk.changed(revision, "trips")
    assert desk.changed(again.revision, "trips") == ["a.ics"]
    assert desk.objects("trips") == [new]


def test_standard_calendar_is_never_removed(desk):
    """Not even by a program that asks."""
    for slug in ("activities", "tasks"):
        with pytest.raises(InvalidInput):
            _remove(desk, slug)


def test_calendar_removed_twice_is_not_found(desk):
    """Two clients may delete it at once."""
    _create(desk)
    calendar = _remove(desk)
    with desk.database.write([desk.user.id]) as work, pytest.raises(NotFound):
        work.calendars.remove(calendar, now=desk.now)


def test_activity_that_another_program_gave_away_stays_when_the_calendar_goes(
    desk, foreign, make_user
):
    """It is the other one's now and gets its object there."""
    _create(desk)
    stored = desk.put(desk.vevent(), slug="trips")
    other = make_user("bob")
    foreign(
        "UPDATE activities SET owner_id = :owner WHERE id = :id",
        owner=other.id,
        id=stored.activity_id,
    )
    _remove(desk)
    desk.reconcile(other)
    assert desk.activity(stored.activity_id).owner_id == other.id
    with desk.database.read() as work:
        calendar = work.calendars.calendar(other.id, "activities")
        assert [each.activity_id for each in work.calendars.objects(calendar)] == [
            stored.activity_id
        ]


def test_change_of_type_by_the_crm_leaves_an_activity_in_its_user_calendar(desk):
    """Its owner put it there; only what stops being dated goes to the tasks."""
    _create(desk)
    stored = desk.put(desk.vevent(), slug="trips")
    activity = desk.activity(stored.activity_id)
    desk.update(replace(activity, type_key="task"))
    assert [each.uid for each in desk.objects("trips")] == [stored.uid]


def test_move_between_calendars_keeps_activity_and_bytes(desk):
    """And back again."""
    _create(desk)
    stored = desk.put(desk.vevent())
    there = _move(desk, "activities", "a.ics", "trips", "b.ics")
    assert (there.activity_id, there.text) == (stored.activity_id, stored.text)
    back = _move(desk, "trips", "b.ics", "activities", "a.ics")
    assert (back.activity_id, back.text) == (stored.activity_id, stored.text)
    assert len({stored.etag, there.etag, back.etag}) == 3


def test_move_of_what_is_no_activity_into_a_standard_calendar_is_refused(desk, foreign):
    """The standard calendars hold activities only."""
    _create(desk)
    desk.put(desk.vevent(), slug="trips")
    foreign("UPDATE calendar_objects SET activity_id = NULL")
    with pytest.raises(ConversionError):
        _move(desk, "trips", "a.ics", "activities", "a.ics")
    assert desk.present("a.ics", "trips").uid == Uid("a@x")


def test_move_of_a_component_the_target_does_not_take_is_refused(desk):
    """The object stays where it is."""
    _create(desk)
    desk.put(JOURNAL, href="j.ics", slug="trips")
    desk.put(desk.vtodo(), href="t.ics", slug="tasks")
    with pytest.raises(UnsupportedComponent):
        _move(desk, "trips", "j.ics", "tasks", "j.ics")
    with pytest.raises(UnsupportedComponent):
        _move(desk, "tasks", "t.ics", "activities", "t.ics")
    assert desk.present("j.ics", "trips").text == JOURNAL
    assert desk.present("t.ics", "tasks").component == "VTODO"
