"""What the CRM adds, changes and deletes, and how the calendar object follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.domain.activity import CollectionName
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.errors import InvalidInput, NotFound

SPAN = TimedSpan(
    start=datetime(2026, 3, 11, 14, tzinfo=UTC),
    end=datetime(2026, 3, 11, 15, tzinfo=UTC),
    zone="Europe/Prague",
)


def test_added_activity_has_an_object_where_its_type_says(desk):
    """A dated call is an event named after its UID; nothing is left to reconcile."""
    added = desk.add(span=SPAN)
    stored = desk.objects()[0]
    assert stored.activity_id == added.id
    assert stored.href == f"{stored.uid}.ics"
    assert stored.uid.startswith("act-")
    assert "SUMMARY:Call Eva" in stored.text
    assert desk.activity(added.id) == added
    with desk.database.read() as work:
        assert work.activities.uid_of(added.id) == stored.uid
    assert not desk.pending()


def test_uid_of_added_activity_is_one_line_for_every_program(desk):
    """Evolution takes a longer one apart wrongly when it writes it back."""
    desk.add(span=SPAN)
    assert len(f"UID:{desk.objects()[0].uid}\r\n") < 75


def test_undated_activity_is_made_as_a_todo(desk):
    """Undated activities live in `tasks`, whatever their type."""
    added = desk.add()
    assert [each.activity_id for each in desk.objects("tasks")] == [added.id]
    assert desk.objects() == []


def test_unknown_type_is_refused(desk):
    """Nothing of the activity is stored."""
    with pytest.raises(InvalidInput):
        desk.add(type_key="golf")
    assert desk.activities() == ()


def test_change_patches_only_the_properties_concerned(desk):
    """What only the phone knows stays, byte for byte."""
    put = desk.put(desk.vevent())
    desk.update(replace(desk.activity(put.activity_id), location="Room 7"))
    after = desk.present()
    assert after.etag != put.etag
    kept = [line for line in put.text.splitlines() if not line.startswith("DTSTAMP")]
    assert set(kept) <= set(after.text.splitlines())
    assert "LOCATION:Room 7" in after.text.splitlines()


def test_update_with_nothing_new_changes_nothing(desk):
    """No revision, no ETag."""
    added = desk.add(span=SPAN)
    before = desk.objects()[0], desk.calendar()
    assert desk.later(hours=1).update(desk.activity(added.id)) == added
    assert (desk.objects()[0], desk.calendar()) == before


def test_type_of_the_other_collection_moves_the_object(desk):
    """A tombstone there, the same UID here, in one transaction."""
    added = desk.add(span=SPAN)
    old = desk.objects()[0]
    desk.update(replace(added, type_key="deadline"))
    assert desk.objects() == []
    assert desk.changed(old.revision) == [old.href]
    new = desk.objects("tasks")[0]
    assert (new.uid, new.component, new.activity_id) == (old.uid, "VTODO", added.id)
    assert desk.activity(added.id).span == SPAN
    assert not desk.pending()


def test_what_a_client_wrote_moves_along_and_back(desk):
    """An override, an alarm, guests and properties only the client knows (decision 12)."""
    own = (
        "ORGANIZER:mailto:boss@example.com",
        "X-PHONE;X-P=1:kept",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:x",
        "TRIGGER:-PT5M",
        "END:VALARM",
        "RECURRENCE-ID:20260318T140000Z",
        "SUMMARY:Moved",
    )
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\nBEGIN:VEVENT\r\nUID:s@x\r\n"
        "DTSTAMP:20260301T000000Z\r\nDTSTART:20260311T140000Z\r\nDTEND:20260311T150000Z\r\n"
        "SEQUENCE:4\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\nSUMMARY:Review\r\n"
        + "\r\n".join(own[:7])
        + "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:s@x\r\nDTSTAMP:20260301T000000Z\r\n"
        + "\r\n".join(own[7:])
        + "\r\nDTSTART:20260318T160000Z\r\nDTEND:20260318T170000Z\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )
    put = desk.put(text, "s.ics")
    for key, slug, component in (("task", "tasks", "VTODO"), ("meeting", "activities", "VEVENT")):
        desk.update(replace(desk.activity(put.activity_id), type_key=key))
        (moved,) = desk.objects(slug)
        lines = moved.text.splitlines()
        assert lines.count(f"BEGIN:{component}") == 2
        assert [line for line in lines if line in own] == list(own)
        assert "RRULE:FREQ=WEEKLY;COUNT=4" in lines
        assert desk.activity(put.activity_id).span == TimedSpan(
            start=SPAN.start, end=SPAN.end, zone="UTC"
        )
    assert not desk.pending()


def test_type_of_the_same_collection_stays_in_place(desk):
    """Only the category changes."""
    added = desk.add(span=SPAN)
    old = desk.objects()[0]
    desk.update(replace(added, type_key="lunch"))
    new = desk.objects()[0]
    assert (new.id, new.href) == (old.id, old.href)
    assert "Lunch" in new.text


def test_losing_the_date_moves_an_event_to_the_todos(desk):
    """And getting one back moves it to where its type lives."""
    added = desk.add(span=SPAN)
    desk.update(replace(added, span=None))
    assert [each.component for each in desk.objects("tasks")] == ["VTODO"]
    assert desk.objects() == []
    desk.update(replace(desk.activity(added.id), span=SPAN))
    assert desk.objects("tasks") == []
    assert desk.activity(added.id).span == SPAN


def test_todo_dated_by_a_client_stays_when_the_crm_renames_it(desk):
    """Only a change of type or date by the CRM moves an object."""
    added = desk.add(type_key="meeting")
    todo = desk.objects("tasks")[0]
    dated = todo.text.replace("END:VTODO", "DUE:20260311T140000Z\r\nEND:VTODO")
    desk.put(dated, todo.href, "tasks")
    assert desk.activity(added.id).span is not None
    assert desk.activity(added.id).type_key == "meeting"
    desk.update(replace(desk.activity(added.id), subject="Renamed"))
    assert [each.id for each in desk.objects("tasks")] == [todo.id]


def test_moving_back_clears_the_tombstone(desk):
    """The name lives again; no ETag repeats."""
    added = desk.add(span=SPAN)
    first = desk.objects()[0]
    desk.update(replace(added, type_key="task"))
    desk.update(replace(desk.activity(added.id), type_key="call"))
    again = desk.objects()[0]
    assert again.href == first.href
    assert again.etag != first.etag
    assert desk.changed(first.revision) == [first.href]


def test_type_moved_to_the_other_collection_moves_no_activity(desk):
    """A type says where the CRM makes an activity; those made stay."""
    added = desk.add(span=SPAN)
    with desk.database.write() as work:
        call = work.types.get(desk.user.company_id, "call")
        assert call is not None
        work.types.save(desk.user.company_id, replace(call, collection=CollectionName.TASKS))
    desk.update(replace(added, subject="Renamed"))
    assert [each.activity_id for each in desk.objects()] == [added.id]


def test_another_owner_moves_the_object_to_the_other_home(desk, make_user):
    """The revision goes on rising, so that no ETag repeats."""
    bob = make_user("bob")
    put = desk.put(desk.vevent())
    for round_ in range(3):
        desk.put(desk.vevent("a@x", f"Round {round_}"))
    latest = desk.present()
    desk.update(replace(desk.activity(put.activity_id), owner_id=bob.id), bob)
    theirs = type(desk)(desk.database, bob, desk.now)
    moved = theirs.present()
    assert desk.object() is None
    assert desk.changed(latest.revision) == ["a.ics"]
    assert (moved.uid, moved.activity_id) == ("a@x", put.activity_id)
    assert moved.revision > latest.revision
    assert "X-PHONE-COLOUR;X-P=1:teal" in moved.text
    assert not desk.pending()
    assert not theirs.pending()


def test_another_owner_who_has_the_uid_gets_an_object_of_its_own(desk, make_user):
    """Both were invited to the same meeting."""
    bob = make_user("bob")
    theirs = type(desk)(desk.database, bob, desk.now)
    kept = theirs.put(desk.vevent(summary="Bob's own"), "b.ics")
    put = desk.put(desk.vevent())
    desk.update(replace(desk.activity(put.activity_id), owner_id=bob.id), bob)
    found = {each.activity_id: each for each in theirs.objects()}
    assert found[kept.activity_id] == kept
    assert found[put.activity_id].uid != "a@x"


def test_delete_is_soft_and_leaves_a_tombstone(desk):
    """A second delete finds nothing."""
    added = desk.add(span=SPAN)
    stored = desk.objects()[0]
    with desk.database.write([desk.user.id]) as work:
        work.activities.delete(added.id, now=desk.now)
    assert desk.objects() == []
    assert desk.changed(stored.revision) == [stored.href]
    assert desk.activity(added.id).deleted_at == desk.now
    assert not desk.pending()
    with desk.database.write([desk.user.id]) as work, pytest.raises(NotFound):
        work.activities.delete(added.id, now=desk.now)


def test_done_gets_the_time_it_was_marked(desk):
    """Due and done times are both kept."""
    added = desk.add(span=SPAN, type_key="task")
    done = desk.later(hours=2).update(replace(added, done=True))
    assert done.done_at == desk.now + timedelta(hours=2)
    assert "COMPLETED:20260302T110000Z" in desk.objects("tasks")[0].text
    assert done.span == SPAN


def test_linked_contacts_are_written_and_kept(desk):
    """Person, organization, deal and participants survive a client's edit."""
    company_id = desk.user.company_id
    with desk.database.write() as work:
        eva = work.contacts.add_person(company_id, "Eva", email="eva@example.com", now=desk.now)
        bo = work.contacts.add_person(company_id, "Bo", now=desk.now)
        firm = work.contacts.add_organization(company_id, "Firm", now=desk.now)
        deal = work.contacts.add_deal(company_id, "Big one", now=desk.now)
    links = {"person": eva, "organization": firm, "deal": deal, "participants": (bo,)}
    added = desk.add(span=SPAN, **links)
    stored = desk.objects()[0]
    assert "CONTACT:" in stored.text
    desk.put(stored.text.replace("Call Eva", "Ring Eva"), stored.href)
    after = desk.activity(added.id)
    assert after.subject == "Ring Eva"
    assert (after.person, after.organization, after.deal, after.participants) == (
        eva, firm, deal, (bo,))  # fmt: skip
    desk.update(replace(after, participants=(eva,), person=None))
    assert desk.activity(added.id).participants == (eva,)


def test_listing_pages_by_id(desk):
    """The last id of a page asks for the next."""
    made = [desk.add(subject=str(number), done=number == 1).id for number in range(3)]
    with desk.database.read() as work:
        first = work.activities.list(desk.user.id, limit=2)
        rest = work.activities.list(desk.user.id, after=first[-1].id)
        open_ones = work.activities.list(desk.user.id, done=False)
    assert [each.id for each in (*first, *rest)] == made
    assert [each.id for each in open_ones] == [made[0], made[2]]


def test_all_day_activity_reads_back_as_it_was(desk):
    """Three days are three days."""
    span = AllDaySpan(start=date(2026, 3, 10), end=date(2026, 3, 13))
    added = desk.add(span=span, type_key="meeting")
    assert desk.activity(added.id).span == span
    assert "DTEND;VALUE=DATE:20260313" in desk.objects()[0].text
