"""What is held and what was answered, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bridge.domain.connection import Connection
from bridge.domain.identifiers import ETag, RunId, Uid
from bridge.ical.calendar_object import CalendarObject
from bridge.store.database import Database
from bridge.store.sync_store import SqlSyncStore
from bridge.sync.hold import Held, HoldAnswer, HoldKind
from bridge.sync.model import (
    Changes,
    JournalEntry,
    JournalState,
    Link,
    Part,
    Presence,
    Side,
    SideState,
)


def _link(now: datetime, wish: str = "later") -> Link:
    item = CalendarObject(uid=Uid("u1"), component="VEVENT", text="BEGIN:VCALENDAR\r\n")
    state = SideState(
        presence=Presence.PRESENT, parts=(Part(name="e1", seen=ETag("1")),), object=item
    )
    held = Held(kind=HoldKind.CHANGE, since=now, wish=wish)
    return Link(uid=Uid("u1"), origin=Side.GOOGLE, google=state, withheld="guests", held=held)


def _answer(
    database: Database, connection: Connection, link: Link, now: datetime, *, question: str = ""
) -> bool:
    assert link.held is not None
    with database.write() as work:
        return work.held_changes.answer(
            connection.id,
            link.uid,
            question=question or link.held.question,
            answer=HoldAnswer.TELL,
            now=now,
        )


def test_a_hold_comes_back_with_its_answer(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """It waits until it is answered; the next run finds the answer on the link."""
    link = _link(now)
    store.commit(Changes(links=(link,)))
    assert store.links() == (link,)
    with database.read() as work:
        (waiting,) = work.held_changes.waiting(connection.id)
    assert (waiting.held, waiting.google) == (link.held, link.google.object)
    assert _answer(database, connection, link, now)
    assert link.held is not None
    answered = replace(link, held=replace(link.held, answer=HoldAnswer.TELL))
    assert store.links() == (answered,)
    with database.read() as work:
        assert work.held_changes.waiting(connection.id) == ()
        assert work.held_changes.answered_since(connection.id, now)
        assert not work.held_changes.answered_since(connection.id, now + timedelta(seconds=1))


def test_an_answer_survives_the_commits_of_a_run_that_began_before(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """The run did not know of it; the next one does."""
    link = _link(now)
    store.commit(Changes(links=(link,)))
    _answer(database, connection, link, now)
    store.commit(Changes(links=(replace(link, judged="policy-2"),)))
    (stored,) = store.links()
    assert stored.held is not None
    assert stored.held.answer is HoldAnswer.TELL


def test_an_answer_to_another_question_counts_for_nothing(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """Neither one that comes too late, nor one given before the wish changed."""
    first, second = _link(now), _link(now, "much later")
    store.commit(Changes(links=(first,)))
    _answer(database, connection, first, now)
    store.commit(Changes(links=(second,)))
    assert store.links() == (second,)
    assert first.held is not None
    assert not _answer(database, connection, second, now, question=first.held.question)
    assert store.links() == (second,)


def test_a_hold_that_is_over_leaves_no_row(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """Nor does a link that is forgotten; answering then counts for nothing."""
    link = _link(now)
    store.commit(Changes(links=(link,)))
    store.commit(Changes(links=(replace(link, held=None),)))
    assert store.links() == (replace(link, held=None),)
    assert not _answer(database, connection, link, now)
    store.commit(Changes(links=(link,)))
    store.commit(Changes(forgotten=(link.uid,)))
    assert store.links() == ()


def test_a_removed_connection_leaves_no_holds_and_no_count(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """Rows that refer to it go first."""
    store.commit(Changes(links=(_link(now),), journal=(_entry("one", now),)))
    with database.write() as work:
        work.connections.delete(connection.id)
    with database.read() as work:
        assert work.held_changes.waiting(connection.id) == ()
        assert work.held_changes.guest_mails(connection.id) == 0


def _entry(
    name: str,
    now: datetime,
    *,
    state: JournalState = JournalState.INTENDED,
    tells_guests: bool = True,
) -> JournalEntry:
    return JournalEntry(
        id=name,
        run_id=RunId("run-1"),
        uid=Uid("u1"),
        side=Side.GOOGLE,
        action="update",
        state=state,
        at=now,
        tells_guests=tells_guests,
    )


def test_mails_to_guests_are_counted_once_a_write(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """A lost answer may have mailed them, a refused write has not, all others never do."""
    done = JournalState.DONE
    quiet = _entry("quiet", now, state=done, tells_guests=False)
    for state in (JournalState.INTENDED, done):
        store.commit(Changes(journal=(_entry("told", now, state=state), quiet)))
    lost = _entry("lost", now)
    refused = _entry("refused", now, state=JournalState.OVERTAKEN)
    store.commit(Changes(journal=(lost, lost, refused)))
    with database.read() as work:
        assert work.held_changes.guest_mails(connection.id) == 2
