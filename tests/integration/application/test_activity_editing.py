"""Edits of one's own activities, on both kinds of database, and when several come at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time
from threading import Barrier

import pytest
from sqlalchemy import text

from bridge.application.activity_draft import Draft
from bridge.application.activity_editing import ActivityEditing, Outdated
from bridge.domain.activity import Activity
from bridge.errors import NotFound
from bridge.ical.repeat import Frequency, Repeat
from bridge.store.calendar_values import NewCalendar

CALL = Draft(type_key="call", subject="Call Eva", day=date(2026, 3, 10), at=time(10), minutes=30)


@pytest.fixture
def editing(database, clock):
    """The use case."""
    return ActivityEditing(database, clock=clock)


@pytest.fixture
def call(editing, user):
    """A call of Anna's, opened."""
    return editing.open(user, editing.add(user, CALL).id)


def test_an_edit_of_what_was_seen_is_stored_and_another_one_is_not(editing, user, call):
    """The refusal tells what is stored now."""
    number = call.activity.id
    first = replace(call.draft, subject="First")
    changed = editing.change(user, number, first, version=call.version)
    assert isinstance(changed, Activity)
    late = editing.change(user, number, replace(first, subject="Late"), version=call.version)
    assert isinstance(late, Outdated)
    assert late.present.activity.subject == "First"
    again = editing.change(user, number, first, version=late.present.version)
    assert again == changed


def test_of_two_edits_at_once_one_is_stored_and_the_other_told(editing, user, call):
    """Whoever comes second sees what the first one made."""
    start = Barrier(2)

    def change(subject):
        start.wait()
        draft = replace(call.draft, subject=subject)
        return editing.change(user, call.activity.id, draft, version=call.version)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(change, ("one", "other")))
    stored = [each for each in answers if isinstance(each, Activity)]
    told = [each for each in answers if isinstance(each, Outdated)]
    assert len(stored) == len(told) == 1
    assert told[0].present.activity.subject == stored[0].subject


def test_what_another_program_wrote_counts_before_anybody_carried_it(editing, user, call, database):
    """Neither an edit nor a deletion goes over it."""
    with database.write() as work:
        work.connection.execute(text("UPDATE activities SET note = 'theirs'"))
    number = call.activity.id
    assert isinstance(editing.change(user, number, call.draft, version=call.version), Outdated)
    assert isinstance(editing.delete(user, number, version=call.version), Outdated)
    present = editing.open(user, number)
    assert present.activity.note == "theirs"
    assert editing.delete(user, number, version=present.version) is None
    assert editing.delete(user, number, version=present.version) is None
    with pytest.raises(NotFound):
        editing.open(user, number)


def test_nobody_touches_what_is_somebody_elses(editing, user, call, make_user):
    """S18: it is not there."""
    bob, number = make_user("bob"), call.activity.id
    with pytest.raises(NotFound):
        editing.open(bob, number)
    with pytest.raises(NotFound):
        editing.change(bob, number, call.draft, version=call.version)
    with pytest.raises(NotFound):
        editing.set_done(bob, number, done=True)
    with pytest.raises(NotFound):
        editing.delete(bob, number, version=call.version)
    assert editing.open(user, number) == call


def test_marking_done_leaves_what_changed_meanwhile(editing, user, call, now):
    """It is one fact, set by one press, whatever else is written."""
    number = call.activity.id
    editing.change(user, number, replace(call.draft, note="new"), version=call.version)
    done = editing.set_done(user, number, done=True)
    assert (done.note, done.done_at) == ("new", now)
    assert editing.set_done(user, number, done=False).done_at is None


def test_a_type_of_the_other_collection_moves_the_meaning_of_the_time(editing, user, call):
    """The time that was typed is when the task is due; back again it is when the call begins."""
    number = call.activity.id
    task = replace(call.draft, type_key="task")
    changed = editing.change(user, number, task, version=call.version)
    opened = editing.open(user, number)
    assert opened.todo
    assert opened.draft.at == time(10)
    back = editing.change(user, number, call.draft, version=opened.version)
    assert changed.span.end == back.span.start == call.activity.span.start


def test_in_a_calendar_of_ones_own_making_a_component_stays(editing, user, database, now):
    """Design decision 17: there an event may be of a to-do's type, and its time is its start."""
    number = editing.add(user, CALL).id
    with database.write([user.id]) as work:
        new = NewCalendar(slug="own", components=frozenset({"VEVENT", "VTODO"}), properties={})
        own = work.calendars.create(user.id, new, now=now)
        standard = work.calendars.calendar(user.id, "activities")
        (stored,) = work.calendars.objects(standard)
        work.calendars.move(standard, stored.href, own, stored.href, origin="client", now=now)
    opened = editing.open(user, number)
    task = replace(opened.draft, type_key="task", at=time(11))
    changed = editing.change(user, number, task, version=opened.version)
    assert changed.type_key == "task"
    after = editing.open(user, number)
    assert not after.todo
    assert after.draft.at == time(11)


def test_dates_that_a_phone_changed_are_counted(editing, user, call):
    """A new series has none."""
    weekly = replace(call.draft, repeat=Repeat(frequency=Frequency.WEEKLY))
    editing.change(user, call.activity.id, weekly, version=call.version)
    opened = editing.open(user, call.activity.id)
    assert opened.own_dates == 0
    assert opened.draft == weekly
