"""The history in words, and the explanation of single items, over both databases."""

from dataclasses import replace
from datetime import date

import pytest

from bridge.application.explain import Standing, explain
from bridge.application.history import History
from bridge.application.lease import leased_store
from bridge.domain.connection import ConnectionState
from bridge.domain.identifiers import Href, Uid
from bridge.errors import ItemRejected, NotFound
from bridge.ical.calendar_object import CalendarObject
from bridge.store.history import JournalFilter
from bridge.sync.memory import MemoryCollection
from bridge.sync.model import Changes, JournalState, Side


@pytest.fixture
def put(sides, event_text):
    """Return a function that stores an event in the calendar, under a name made of its UID."""

    def store(uid, title="A title"):
        sides.activities.put(f"{uid}.ics", CalendarObject.parse(event_text(uid, title)))

    return store


@pytest.fixture
def sync(runner, connection, clock):
    """Return a function that runs the connection; time passes."""

    def run():
        clock.advance(seconds=1)
        return runner.run(connection.id)

    return run


@pytest.fixture
def history(database):
    """The use case under test."""
    return History(database)


def edited(collection, old, new):
    """Change a text in every item of a collection."""
    for name, item in collection.objects().items():
        if old in item.text:
            changed = CalendarObject.parse(item.text.replace(old, new))
            collection.put(name, changed)


def test_writes_are_told_with_titles_reasons_and_changed_fields(
    history, sync, put, sides, connection
):
    """The newest first; a run by what it did."""
    put("one")
    sync()
    edited(sides.google, "A title", "Another title")
    sync()
    sync()
    change, creation = history.items(connection, JournalFilter(), limit=9).rows
    assert creation.sentence == (
        "Created “A title” at Google, because it was new on the other side."
    )
    assert change.sentence == (
        "Changed “Another title” in the CRM, because it was changed on the other side."
    )
    (field,) = change.changes
    assert (field.label, field.before, field.after) == ("title", "A title", "Another title")
    second, first = history.runs(connection, limit=9).rows
    assert (first.sentence, second.sentence) == ("At Google 1 created.", "In the CRM 1 changed.")
    assert len(history.runs(connection, limit=9, eventful=False).rows) == 3


def test_the_value_that_a_merge_did_not_keep_is_marked(history, sync, put, sides, connection):
    """It stands in the write over it."""
    put("one")
    sync()
    edited(sides.google, "A title", "Theirs")
    edited(sides.activities, "A title", "Ours")
    sync()
    (write, _) = history.items(connection, JournalFilter(), limit=9).rows
    (field,) = write.changes
    assert (write.side, field.before, field.after, field.lost) == (
        Side.GOOGLE,
        "Theirs",
        "Ours",
        True,
    )


def test_filters_and_pages_lead_through_all_writes(history, sync, put, sides, connection):
    """Every write once, by each filter only what it says."""
    for number in range(5):
        put(f"uid-{number}")
    sync()
    sides.activities.remove("uid-0.ics")
    sync()
    seen, older = [], ""
    while True:
        page = history.items(connection, JournalFilter(), limit=4, older=older)
        seen += [row.id for row in page.rows]
        older = page.older
        if not older:
            break
    assert len(seen) == len(set(seen)) == 6
    by = {
        "deletions": JournalFilter(actions=("delete",)),
        "item": JournalFilter(uid=Uid("uid-0")),
        "google": JournalFilter(side=Side.GOOGLE),
        "calendar": JournalFilter(side=Side.CALENDAR),
        "failed": JournalFilter(states=(JournalState.FAILED,)),
    }
    counts = {name: len(history.items(connection, one, limit=9).rows) for name, one in by.items()}
    assert counts == {"deletions": 1, "item": 2, "google": 6, "calendar": 0, "failed": 0}
    first = history.runs(connection, limit=1)
    (other,) = history.runs(connection, limit=1, older=first.older).rows
    assert other.counts["google.create.done"] == 5
    with pytest.raises(NotFound):
        history.items(connection, JournalFilter(), limit=1, older="nothing")


def test_item_that_both_sides_have_is_explained_by_its_last_write(
    database, sync, put, sides, connection
):
    """By its UID or by the id of its event."""
    put("one")
    report = sync()
    told = explain(database, connection, "one")
    assert (told.standing, told.title) == (Standing.AGREED, "A title")
    assert told.last_write.run_id == report.run_id
    assert told.sentence.startswith(
        "It is on both sides, and both agree; it came from the CRM; the last write was on"
    )
    (event_id,) = told.google_event_ids
    assert event_id in sides.google.objects()
    assert explain(database, connection, event_id) == told


def test_rule_that_holds_an_item_is_named(database, sync, put, connection):
    """What is out of scope says which rule it is."""
    late = replace(connection.settings, sync_from=date(2026, 4, 1))
    changed = replace(connection, settings=late)
    with database.write() as work:
        work.connections.save(changed)
    put("one")
    sync()
    told = explain(database, changed, "one")
    assert (told.standing, told.reason) == (Standing.WITHHELD, "window")
    assert "not at Google, because it ends before the day chosen in Sync from" in told.sentence


def test_refused_write_tells_the_answer_and_when_it_is_tried_again(
    database, sync, put, sides, connection
):
    """A person sees what Google said."""

    def refuse(step):
        if step.operation == "insert":
            raise ItemRejected(
                "Google answered 403, `forbidden`", side="google", reason="forbidden"
            )

    put("one")
    sides.before = refuse
    sync()
    told = explain(database, connection, "one")
    assert told.standing is Standing.PARKED
    assert told.answer == "Google answered 403, `forbidden`"
    assert told.retry_at is not None
    assert "it waits, because Google does not allow it" in told.sentence.lower().replace(
        "google", "Google"
    )


def test_deleted_item_is_explained_by_the_run_that_deleted_it(
    database, sync, put, sides, connection
):
    """It is on neither side, and the journal says why."""
    put("one")
    put("two")
    sync()
    sides.activities.remove("one.ics")
    report = sync()
    told = explain(database, connection, "one")
    assert told.standing is Standing.REMOVED
    assert f"in run {report.run_id}" in told.sentence
    assert "deleted “A title” at Google, because it was deleted on the other side" in told.sentence


def test_item_no_run_has_met_is_told_from_one_that_is_not_there(
    database, connection, user, event_text, now
):
    """New activities wait for the next run; unknown names are said to be unknown."""
    with database.write([user.id]) as work:
        calendar = work.calendars.calendar(user.id, "activities")
        item = CalendarObject.parse(event_text("new"))
        work.calendars.put(calendar, Href("new.ics"), item, origin="client", now=now)
    assert explain(database, connection, "new").standing is Standing.NEW
    with pytest.raises(NotFound):
        explain(database, connection, "another")


def test_waiting_change_and_stopped_connection_are_said(database, sync, put, sides, connection):
    """Why nothing moves is part of the answer."""

    def unavailable(step):
        if step.operation == "update":
            raise ItemRejected("no", side="google", reason="forbiddenForNonOrganizer")

    put("one")
    sync()
    edited(sides.activities, "A title", "Ours")
    sides.before = unavailable
    sync()
    stopped = connection.moved_to(ConnectionState.STOPPED)
    with database.write() as work:
        work.connections.save(stopped)
    told = explain(database, stopped, "one")
    assert "only the organizer may change it" in told.sentence
    assert told.sentence.endswith("nothing moves now, as the connection is stopped.")


def test_full_comparison_once_a_day_is_noted_and_mends_what_was_lost(
    database, sync, put, sides, clock
):
    """Zero differences are the proof; others are told, and carried over."""
    with database.read() as work:
        (connection,) = work.connections.list()

    def present():
        with database.read() as work:
            return work.connections.get(connection.id)

    put("one")
    sync()
    clock.advance(hours=23)
    sync()
    assert present().compared_at is None
    clock.advance(hours=1)
    assert sync().proof.differences == 0
    assert (present().compared_at, present().differences) == (clock.now(), 0)
    assert sync().proof is None
    put("two", "Lost")
    with leased_store(database, connection, owner="test", clock=clock) as store:
        token = sides.activities.changes(None).token
        store.commit(Changes(tokens={sides.activities.id: token}))
    assert sync().entries == ()
    clock.advance(hours=24)
    assert sync().done == 1
    assert (present().compared_at, present().differences) == (clock.now(), 1)
    (run, _) = History(database).runs(connection, limit=9).rows
    assert run.sentence == "At Google 1 created; differences found and mended: 1."


def test_change_that_waits_for_a_persons_answer_is_said_to_wait(database, sync, put, sides):
    """It is neither agreed nor refused; an instance's id leads to its series as well."""
    with database.read() as work:
        (connection,) = work.connections.list()
    put("one")
    sync()
    guest = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:eva@example.com\r\nEND:VEVENT"
    edited(sides.google, "END:VEVENT", guest)
    sync()
    edited(sides.activities, "20260305T1", "20260306T1")
    sync()
    told = explain(database, connection, "one")
    assert (told.standing, told.reason) == (Standing.HELD, "guests")
    assert told.sentence.startswith("Its new time is not written at Google before you say")
    (event_id,) = told.google_event_ids
    assert explain(database, connection, f"{event_id}_20260305T100000Z").uid == "one"


def test_item_in_two_calendars_is_explained_with_what_to_do(
    database, sync, sides, connection, event_text
):
    """Whichever of the two counts, and until one of them is deleted."""
    tasks = MemoryCollection(Side.CALENDAR, "tasks")
    sides.others = (tasks,)
    item = CalendarObject.parse(event_text("one"))
    sides.activities.put("one.ics", item)
    sync()
    tasks.put("copy.ics", item)
    sync()
    told = explain(database, connection, "one")
    assert told.standing is Standing.AGREED
    assert (
        "it lies in the calendar `activities`, which counts for Google, and in `tasks` as well:"
        " delete the one you do not need; it came from the CRM"
    ) in told.sentence
    sides.activities.remove("one.ics")
    sync()
    assert "delete the one" not in explain(database, connection, "one").sentence
