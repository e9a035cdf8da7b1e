"""What a CalDAV client puts, moves and deletes, and what becomes of the activity."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.domain.activity import Reply
from bridge.domain.identifiers import CalendarId, Href, Uid
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.errors import (
    NotFound,
    ObjectChanged,
    SyncTokenExpired,
    UidConflict,
    UnsupportedComponent,
)
from bridge.ical.calendar_object import CalendarObject


def test_put_keeps_every_byte(desk):
    """What was put is what is read, unknown properties and all."""
    source = desk.vevent("a@x", "Lunch", "X-LONG;Q=\"a,b\":1", "BEGIN:VALARM", "ACTION:DISPLAY",
                    "DESCRIPTION:x", "TRIGGER:-PT5M", "END:VALARM")  # fmt: skip
    put = desk.put(source)
    read = desk.present()
    assert read.text == source
    assert read == put
    assert read.etag == f"{desk.calendar().epoch}-{read.id}-{read.revision}"
    assert desk.calendar().revision == read.revision
    assert desk.calendar().ctag == f"{read.epoch}-{read.revision}"
    assert desk.calendar().sync_token == f"{read.epoch}/{read.revision}"


def test_put_of_a_new_event_makes_an_activity(desk):
    """A new object is an activity of its collection's default type."""
    put = desk.put(desk.vevent("a@x", "Lunch with Eva", "LOCATION:Bar", "CLASS:PRIVATE"))
    activity = desk.activity(put.activity_id)
    assert (activity.subject, activity.type_key, activity.location) == (
        "Lunch with Eva", "meeting", "Bar")  # fmt: skip
    assert activity.span == TimedSpan(
        start=datetime(2026, 3, 10, 10, tzinfo=UTC), end=datetime(2026, 3, 10, 11, tzinfo=UTC)
    )
    assert activity.private
    assert put.private
    assert activity.owner_id == desk.user.id


def test_put_over_an_event_changes_only_what_differs(desk):
    """The internal note, which no client sees, outlives a client's edit."""
    put = desk.put(desk.vevent())
    activity = desk.activity(put.activity_id)
    desk.update(replace(activity, note="confidential"))
    later = desk.later(minutes=1)
    again = later.put(desk.vevent(summary="Dinner", uid="a@x"))
    changed = desk.activity(put.activity_id)
    assert (changed.subject, changed.note) == ("Dinner", "confidential")
    assert again.id == put.id
    assert again.revision > put.revision
    assert again.activity_id == put.activity_id


def test_a_note_of_the_crm_leaves_the_object_alone(desk):
    """What no client sees changes no ETag."""
    put = desk.put(desk.vevent())
    activity = desk.activity(put.activity_id)
    desk.update(replace(activity, note="confidential"))
    assert desk.present().etag == put.etag
    assert desk.calendar().revision == put.revision


def test_timed_todo_is_due_where_its_span_ends(desk, foreign):
    """The row's due time is DUE, and the length lies before it."""
    put = desk.put(
        desk.vtodo("t@x", "Offer", "DUE:20260310T120000Z", "DTSTART:20260310T113000Z"),
        "t.ics",
        "tasks",
    )
    activity = desk.activity(put.activity_id)
    due = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert activity.span == TimedSpan(start=due - timedelta(minutes=30), end=due)
    assert activity.type_key == "task"
    row = foreign("SELECT due_date, due_time, duration_seconds FROM activities")[0]
    assert str(row.due_date) == "2026-03-10"
    assert str(row.due_time).startswith("12:00:00")
    assert row.duration_seconds == 1800


def test_undated_todo_is_an_undated_activity(desk):
    """A to-do without DUE has no date, and every range query takes it for a candidate."""
    put = desk.put(desk.vtodo(), "t.ics", "tasks")
    assert desk.activity(put.activity_id).span is None
    assert desk.in_range(desk.now, desk.now + timedelta(days=1), "VTODO") == ["t.ics"]


def test_all_day_event_is_whole_days(desk):
    """Dates stay dates in both worlds."""
    source = desk.vevent().replace("DTSTART:20260310T100000Z", "DTSTART;VALUE=DATE:20260310")
    put = desk.put(source.replace("DTEND:20260310T110000Z", "DTEND;VALUE=DATE:20260312"))
    span = desk.activity(put.activity_id).span
    assert span == AllDaySpan(start=date(2026, 3, 10), end=date(2026, 3, 12))


def test_series_is_one_object_with_an_open_range(desk):
    """A rule without end reaches for ever; its lines are on the activity."""
    put = desk.put(desk.vevent("a@x", "Weekly", "RRULE:FREQ=WEEKLY"))
    assert put.recurring
    assert put.last_utc is None
    assert desk.activity(put.activity_id).recurrence == ("RRULE:FREQ=WEEKLY",)
    far = datetime(2031, 1, 1, tzinfo=UTC)
    assert desk.in_range(far, far + timedelta(days=7)) == ["a.ics"]
    assert desk.in_range(far, far + timedelta(days=1)) == [], "it is on Tuesdays"


def test_guests_are_kept_as_attendees(desk):
    """Guests are added, change their reply, and go, one row each."""
    guest = "ATTENDEE;CN=Eva;PARTSTAT=ACCEPTED:mailto:eva@example.com"
    put = desk.put(desk.vevent("a@x", "x", guest, "ATTENDEE:mailto:bo@example.com"))
    before = {each.email: each.reply for each in desk.activity(put.activity_id).attendees}
    assert before == {"eva@example.com": Reply.ACCEPTED, "bo@example.com": Reply.NEEDS_ACTION}
    desk.put(desk.vevent("a@x", "x", guest.replace("ACCEPTED", "DECLINED")))
    after = {each.email: each.reply for each in desk.activity(put.activity_id).attendees}
    assert after == {"eva@example.com": Reply.DECLINED}


def test_an_edit_that_leaves_guests_alone_changes_no_row_of_theirs(desk, foreign):
    """What another program made of one is not taken back by a new title."""
    guest = "ATTENDEE;CN=Eva;PARTSTAT=ACCEPTED:mailto:eva@example.com"
    put = desk.put(desk.vevent("a@x", "x", guest))
    foreign("UPDATE activity_attendees SET reply = 'declined'")
    desk.put(desk.vevent("a@x", "y", guest))
    assert foreign("SELECT reply FROM activity_attendees") == [("declined",)]
    desk.put(desk.vevent("a@x", "y", guest.replace("CN=Eva", "CN=Eve")))
    assert [each.reply for each in desk.activity(put.activity_id).attendees] == [Reply.ACCEPTED]


def test_an_edit_leaves_linked_records_as_they_are(desk, foreign):
    """A client's text names none, and says nothing against them."""
    put = desk.put(desk.vevent("a@x", "x"))
    foreign(
        "INSERT INTO persons (company_id, name) VALUES (:company, 'Eva')",
        company=desk.user.company_id,
    )
    foreign("UPDATE activities SET person_id = (SELECT id FROM persons)")
    desk.reconcile()
    text = desk.present().text.replace("SUMMARY:x", "SUMMARY:y")
    desk.put(text)
    activity = desk.activity(put.activity_id)
    assert activity.subject == "y"
    assert activity.person is not None
    assert activity.person.name == "Eva"


def test_what_the_caller_demands_comes_before_all_other_refusals(desk):
    """It is told what the name holds; a refusal leaves everything as it was."""
    held = desk.put(desk.vevent("a@x"))
    calendar = desk.calendar()
    told = []

    def refuse(holder):
        told.append(holder)
        raise ObjectChanged("not this one")

    other = CalendarObject.parse(desk.vtodo("other@x"))
    for href in ("a.ics", "b.ics"):
        with pytest.raises(ObjectChanged), desk.database.write([desk.user.id]) as work:
            work.calendars.put(
                calendar, Href(href), other, origin="client", now=desk.now, demand=refuse
            )
    with pytest.raises(ObjectChanged), desk.database.write([desk.user.id]) as work:
        work.calendars.delete(calendar, Href("a.ics"), origin="client", now=desk.now, demand=refuse)
    assert told == [held, None, held]
    assert desk.objects() == [held]


def test_a_calendar_that_went_takes_nothing(desk):
    """Whoever read it before it went is told so."""
    gone = replace(desk.calendar(), id=CalendarId(999))
    item = CalendarObject.parse(desk.vevent())
    with pytest.raises(NotFound), desk.database.write([desk.user.id]) as work:
        work.calendars.put(gone, Href("a.ics"), item, origin="client", now=desk.now)


def test_category_changes_the_type_within_the_collection_only(desk):
    """A category of the other collection is only a text."""
    put = desk.put(desk.vevent("a@x", "x", "CATEGORIES:Call"))
    assert desk.activity(put.activity_id).type_key == "call"
    again = desk.put(desk.vevent("a@x", "x", "CATEGORIES:Deadline"))
    assert desk.activity(put.activity_id).type_key == "call"
    assert again.calendar_id == put.calendar_id


@pytest.mark.parametrize("slug", ["activities", "tasks"])
def test_component_the_calendar_does_not_take_is_refused(desk, slug):
    """Nothing of it is stored."""
    source = desk.vtodo() if slug == "activities" else desk.vevent()
    with pytest.raises(UnsupportedComponent):
        desk.put(source, slug=slug)
    assert desk.objects(slug) == []


def test_uid_in_use_under_another_name_is_refused_and_named(desk):
    """The error says which href holds it, for `no-uid-conflict`."""
    desk.put(desk.vevent(), "a.ics")
    with pytest.raises(UidConflict) as refused:
        desk.put(desk.vevent(), "b.ics")
    assert refused.value.href == "a.ics"
    with pytest.raises(UidConflict) as changed:
        desk.put(desk.vevent("other@x"), "a.ics")
    assert changed.value.href == "a.ics"
    assert [each.uid for each in desk.objects()] == ["a@x"]


def test_same_uid_may_live_in_both_calendars(desk):
    """UIDs are unique in a collection, not in the home."""
    desk.put(desk.vevent("same@x"), "a.ics")
    desk.put(desk.vtodo("same@x"), "a.ics", "tasks")
    tasks = desk.calendar("tasks")
    with desk.database.read() as work:
        assert work.calendars.href_of_uid(tasks, Uid("same@x")) == "a.ics"
        assert work.calendars.href_of_uid(tasks, Uid("none@x")) is None


def test_deleted_object_leaves_a_tombstone_and_a_deleted_activity(desk):
    """Sync tells of the name; the activity's row stays."""
    put = desk.put(desk.vevent())
    desk.delete()
    assert desk.object() is None
    assert desk.changed(put.revision) == ["a.ics"]
    assert desk.activities() == ()
    assert [each.id for each in desk.activities(deleted=True)] == [put.activity_id]
    assert not desk.pending()


def test_deleted_and_made_again_has_a_new_etag_and_no_tombstone(desk, foreign):
    """A name that lives again is told once, as changed."""
    put = desk.put(desk.vevent())
    desk.delete()
    again = desk.put(desk.vevent())
    assert again.etag != put.etag
    assert desk.changed(put.revision) == ["a.ics"]
    assert foreign("SELECT href FROM tombstones") == []


def test_delete_of_nothing_is_told(desk):
    """There is nothing to delete."""
    with pytest.raises(NotFound):
        desk.delete("none.ics")


def test_changes_of_one_calendar_do_not_stir_the_other(desk):
    """Each collection has its own highest revision."""
    before = desk.calendar("tasks").ctag
    desk.put(desk.vevent())
    assert desk.calendar("tasks").ctag == before


def test_token_from_the_future_or_before_compaction_is_expired(desk, foreign):
    """Both make a client list everything."""
    put = desk.put(desk.vevent())
    with pytest.raises(SyncTokenExpired):
        desk.changed(put.revision + 1)
    foreign("UPDATE calendars SET floor = :floor WHERE slug = 'activities'", floor=put.revision)
    with pytest.raises(SyncTokenExpired):
        desk.changed(put.revision - 1)
    assert desk.changed(put.revision) == []


def test_properties_are_replaced_and_change_the_ctag(desk):
    """PROPPATCH is a change of the collection."""
    before = desk.calendar()
    with desk.database.write([desk.user.id]) as work:
        work.calendars.set_properties(before, {"{DAV:}displayname": "Mine"}, now=desk.now)
    after = desk.calendar()
    assert after.properties == {"{DAV:}displayname": "Mine"}
    assert after.revision == before.revision + 1
    assert after.components == before.components


def test_principal_has_the_user_and_the_calendars(desk):
    """Whoever is no user has no principal."""
    with desk.database.read() as work:
        found = work.calendars.principal("anna")
        assert work.calendars.principal("nobody") is None
    assert found is not None
    assert found.user == desk.user
    assert [each.slug for each in found.calendars] == ["activities", "tasks"]
    assert found.calendars[0].components == frozenset({"VEVENT"})


def test_objects_by_name_leave_out_what_is_not_there(desk):
    """One question for many names."""
    desk.put(desk.vevent())
    view = desk.calendar()
    with desk.database.read() as work:
        found = work.calendars.objects(view, [Href("a.ics"), Href("none.ics")])
        none = work.calendars.objects(view, [])
    assert [each.href for each in found] == ["a.ics"]
    assert none == []


def test_range_query_is_exact_for_a_single_event(desk):
    """Half-open on both sides: 10:00 to 11:00 touches neither 9 to 10 nor 11 to 12."""
    desk.put(desk.vevent())
    touching = [(9, 11), (10, 11), (None, None), (10, None), (None, 11)]
    apart = [(9, 10), (11, 12), (None, 10), (11, None)]
    for hours in (*touching, *apart):
        start, end = (h if h is None else datetime(2026, 3, 10, h, tzinfo=UTC) for h in hours)
        assert bool(desk.in_range(start, end)) is (hours in touching), hours
        assert bool(desk.in_range(start, end, None)) is (hours in touching), hours
        assert desk.in_range(start, end, "VTODO") == []
