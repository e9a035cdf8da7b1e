"""Leases and the engine's store on both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, event

from bridge.domain.connection import Connection
from bridge.domain.identifiers import ConnectionId, ETag, Fencing, RunId, SyncToken, Uid
from bridge.domain.spans import TimedSpan
from bridge.domain.users import User
from bridge.domain.view import InstanceField, MergeField, Schedule, View
from bridge.errors import LeaseHeld, LeaseLost, NotFound
from bridge.ical.calendar_object import CalendarObject
from bridge.store.database import Database
from bridge.store.schema import google
from bridge.store.sync_store import SqlSyncStore
from bridge.sync.model import (
    NOT_THIS_VERSION,
    Changes,
    JournalEntry,
    JournalState,
    Link,
    Parked,
    Part,
    Presence,
    Side,
    SideState,
)
from bridge.sync.twin import Twin
from bridge.sync.unanswered import Unanswered

OpenStore = Callable[[str], SqlSyncStore]


class Clock(Protocol):
    """What the fixture `clock` gives."""

    def now(self) -> datetime: ...  # noqa: D102 - see the fixture

    def forward(self, seconds: float) -> None: ...  # noqa: D102 - see the fixture


def _object(uid: str, text: str = "") -> CalendarObject:
    return CalendarObject(uid=Uid(uid), component="VEVENT", text=text or f"BEGIN:{uid}\r\n ž")


def _view(now: datetime) -> View:
    span = TimedSpan(start=now, end=now + timedelta(hours=1), zone="Europe/Prague")
    return View(title="Call", schedule=Schedule(span=span, recurrence=("RRULE:FREQ=DAILY",)))


def _full_link(uid: str, now: datetime) -> Link:
    return Link(
        uid=Uid(uid),
        origin=Side.GOOGLE,
        calendar=SideState(
            presence=Presence.PRESENT,
            collection="activities",
            parts=(Part(name=f"{uid}.ics", seen=ETag("e-1"), synced=NOT_THIS_VERSION),),
            object=_object(uid),
            base=_object(uid, "base"),
            unanswered=Unanswered(
                item=_object(uid, "sent"),
                target_base=_object(uid, "half"),
                source_base=_object(uid, "source"),
            ),
        ),
        google=SideState(
            presence=Presence.UNKNOWN,
            collection="anna@gmail.example",
            parts=(
                Part(name=f"{uid}master", seen=ETag("3"), synced=ETag("2")),
                Part(name=f"{uid}late", seen=None, synced=ETag("1"), recurrence_id="20260304"),
                Part(name=f"{uid}early", seen=ETag("1"), recurrence_id="20260303T090000Z"),
            ),
            object=_object(uid),
            unanswered=Unanswered(item=_object(uid, "sent"), target_base=None, source_base=None),
        ),
        agreed=_view(now),
        generation=2,
        withheld="window",
        parked=Parked(
            side=Side.GOOGLE,
            version=ETag("e-1"),
            reason="forbidden",
            message="not the organizer",
            retry_at=now,
            attempts=3,
        ),
        private_changes=2,
        put_backs=1,
        judged="policy-1",
        twins=(
            Twin(
                collection="tasks",
                name="copy.ics",
                seen=None,
                since=now,
                beside=ETag("e-1"),
                base=_object(uid, "base"),
            ),
        ),
    )


def _bare_link(uid: str) -> Link:
    return Link(uid=Uid(uid), origin=Side.CALENDAR)


def test_links_come_back_as_they_were_committed(store: SqlSyncStore, now: datetime) -> None:
    """Every field, with parts in their order, for a full and for a bare link."""
    links = (_full_link("u1", now), _bare_link("u2"))
    assert store.links() == ()
    store.commit(Changes(links=links))
    assert store.links() == links


def test_committing_again_replaces(store: SqlSyncStore, now: datetime) -> None:
    """A link that loses its parts, its parked work and its base leaves no row of them."""
    full = _full_link("u1", now)
    store.commit(Changes(links=(full, _bare_link("u2"))))
    store.commit(Changes(links=(full,)))
    emptied = replace(full, google=SideState(), calendar=SideState(), parked=None, agreed=None)
    store.commit(Changes(links=(emptied,)))
    assert store.links() == (emptied, _bare_link("u2"))


def test_event_may_pass_from_one_link_to_another_in_one_commit(
    store: SqlSyncStore, now: datetime
) -> None:
    """Event ids are unique in a connection; the order of the links does not matter."""
    one, two = _full_link("u1", now), _full_link("u2", now)
    store.commit(Changes(links=(one, two)))
    swapped = (replace(one, google=two.google), replace(two, google=one.google))
    store.commit(Changes(links=swapped))
    assert store.links() == swapped


def test_an_exception_passes_to_the_rest_of_a_split_series_in_a_commit_of_its_own(
    store: SqlSyncStore, now: datetime
) -> None:
    """Google gives it the id it had in the old series, of which nothing was told by then."""
    old, rest = _full_link("u1", now), _full_link("u2", now)
    store.commit(Changes(links=(old, rest)))
    moved = replace(old.google.parts[1], seen=ETag("4"), synced=ETag("4"))
    master, _, kept = rest.google.parts
    rest = replace(rest, google=replace(rest.google, parts=(master, moved, kept)))
    store.commit(Changes(links=(rest,)))
    before, _, left = old.google.parts
    old = replace(old, google=replace(old.google, parts=(before, left)))
    assert store.links() == (old, rest)


def test_forgotten_link_leaves_nothing(store: SqlSyncStore, now: datetime) -> None:
    """Its events may be linked again in the same commit, and absent ones may be forgotten."""
    store.commit(Changes(links=(_full_link("u1", now), _bare_link("u2"))))
    heir = replace(_full_link("u1", now), uid=Uid("u3"))
    store.commit(Changes(forgotten=(Uid("u1"), Uid("never")), links=(heir,)))
    assert [link.uid for link in store.links()] == ["u2", "u3"]


def test_tokens_are_set_replaced_and_forgotten(store: SqlSyncStore) -> None:
    """None makes the next listing a full one."""
    store.commit(Changes(tokens={"tasks": SyncToken("t1"), "google": SyncToken("g1")}))
    store.commit(Changes(tokens={"tasks": SyncToken("t2"), "google": None, "activities": None}))
    assert store.tokens() == {"tasks": "t2"}


def _entry(state: JournalState, now: datetime) -> JournalEntry:
    return JournalEntry(
        id="entry-1",
        run_id=RunId("run-1"),
        uid=Uid("u1"),
        side=Side.GOOGLE,
        action="create",
        state=state,
        at=now,
    )


def test_journal_entry_is_replaced_by_its_id(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """First intended, then done: one entry."""
    done = _entry(JournalState.DONE, now)
    store.commit(Changes(journal=(_entry(JournalState.INTENDED, now),)))
    store.commit(Changes(journal=(done,)))
    with database.read() as work:
        assert work.history.journal(connection.id, 10) == (done,)


def _second_store(database: Database, user: User, store: SqlSyncStore) -> SqlSyncStore:
    now = store.clock.now()
    account = {"account_email": "b@gmail.example", "google_subject": "sub-2"}
    with database.write() as work:
        other = work.connections.add(user, granted_scopes=frozenset(), now=now, **account)
        fencing = work.leases.acquire(other.id, store.owner, now=now, seconds=60)
    return replace(store, connection_id=other.id, fencing=fencing)


def test_connections_do_not_see_each_other(
    database: Database, user: User, store: SqlSyncStore, now: datetime
) -> None:
    """Same UIDs, event ids and collections in two connections are two things."""
    other = _second_store(database, user, store)
    mine, theirs = _full_link("u1", now), replace(_full_link("u1", now), withheld="")
    store.commit(Changes(links=(mine,), tokens={"tasks": SyncToken("t1")}))
    other.commit(Changes(links=(theirs,), tokens={"tasks": SyncToken("t2")}))
    assert (store.links(), other.links()) == ((mine,), (theirs,))
    other.commit(Changes(forgotten=(Uid("u1"),), tokens={"tasks": None}))
    assert (store.links(), store.tokens()) == ((mine,), {"tasks": "t1"})


def test_journal_entry_of_another_connection_is_not_overwritten(
    database: Database, user: User, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """An id that is taken elsewhere changes nothing there."""
    other = _second_store(database, user, store)
    store.commit(Changes(journal=(_entry(JournalState.INTENDED, now),)))
    other.commit(Changes(journal=(_entry(JournalState.DONE, now),)))
    with database.read() as work:
        (entry,) = work.history.journal(connection.id, 10)
    assert entry.state is JournalState.INTENDED


def test_commit_is_all_or_nothing(store: SqlSyncStore, now: datetime) -> None:
    """What fails in the end takes the links and the token with it, and the lease goes on."""
    twice = SideState(parts=(Part(name="a"), Part(name="b")))
    broken = replace(_bare_link("u2"), calendar=twice)
    changes = Changes(links=(_full_link("u1", now), broken), tokens={"tasks": SyncToken("t1")})
    with pytest.raises(Exception, match="parts"):
        store.commit(changes)
    assert (store.links(), store.tokens()) == ((), {})
    store.commit(Changes(tokens={"tasks": SyncToken("t1")}))


@pytest.mark.parametrize("count", [1, 500])
def test_links_load_with_as_many_statements_however_many_there_are(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime, count: int
) -> None:
    """Links, their events and what is parked: one statement each."""
    text = "BEGIN:VCALENDAR\r\n" + "X" * 1000
    view = _view(now)
    links = tuple(
        Link(
            uid=Uid(f"u{number}"),
            origin=Side.CALENDAR,
            calendar=SideState(
                presence=Presence.PRESENT,
                collection="activities",
                parts=(Part(name=f"u{number}.ics", seen=ETag("1"), synced=ETag("1")),),
                object=_object(f"u{number}", text),
            ),
            google=SideState(
                presence=Presence.PRESENT,
                collection="anna@gmail.example",
                parts=(Part(name=f"e{number}", seen=ETag("1"), synced=ETag("1")),),
                object=_object(f"u{number}", text),
            ),
            agreed=view,
        )
        for number in range(count)
    )
    store.commit(Changes(links=links))
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert store.links() == links
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(asked) == 3


def test_lease_is_held_against_others_until_it_expires(
    database: Database, connection: Connection, clock: Clock
) -> None:
    """Who asks meanwhile learns who has it; afterwards the number is higher."""
    with database.write() as work:
        acquire = work.leases.acquire
        first = acquire(connection.id, "worker", now=clock.now(), seconds=60)
        with pytest.raises(LeaseHeld) as refusal:
            acquire(connection.id, "command line", now=clock.now(), seconds=60)
        assert refusal.value.owner == "worker"
        clock.forward(59)
        with pytest.raises(LeaseHeld):
            acquire(connection.id, "command line", now=clock.now(), seconds=60)
        clock.forward(1)
        second = acquire(connection.id, "command line", now=clock.now(), seconds=60)
        with pytest.raises(LeaseLost):
            work.leases.renew(connection.id, "worker", fencing=first, now=clock.now(), seconds=60)
    assert second > first


def test_released_lease_is_free_at_once_and_its_number_still_grows(
    database: Database, connection: Connection, clock: Clock
) -> None:
    """Giving back twice, or after somebody took over, disturbs nobody."""
    with database.write() as work:
        leases, now = work.leases, clock.now()
        first = leases.acquire(connection.id, "worker", now=now, seconds=60)
        leases.release(connection.id, "worker", fencing=first)
        second = leases.acquire(connection.id, "command line", now=now, seconds=60)
        leases.release(connection.id, "worker", fencing=first)
        with pytest.raises(LeaseHeld):
            leases.acquire(connection.id, "worker", now=now, seconds=60)
        leases.renew(connection.id, "command line", fencing=second, now=now, seconds=60)
    assert second > first


def test_lease_of_an_absent_connection_is_refused(database: Database, clock: Clock) -> None:
    """There is nothing to sync."""
    with database.write() as work, pytest.raises(NotFound):
        work.leases.acquire(ConnectionId(999), "worker", now=clock.now(), seconds=60)


def test_a_lease_stands_until_somebody_takes_it(
    database: Database, connection: Connection, clock: Clock
) -> None:
    """One that has only expired, or was given back, is still the last one there was."""
    with database.write() as work:
        leases, mine = work.leases, connection.id
        first = leases.acquire(mine, "worker", now=clock.now(), seconds=60)
        clock.forward(90)
        leases.demand(mine, first)
        leases.release(mine, "worker", fencing=first)
        leases.demand(mine, first)
        second = leases.acquire(mine, "worker", now=clock.now(), seconds=60)
        leases.demand(mine, second)
        with pytest.raises(LeaseLost):
            leases.demand(mine, first)
        with pytest.raises(LeaseLost):
            leases.demand(ConnectionId(999), first)


def put_back(database: Database, leases: Sequence[sa.Row[Any]]) -> None:
    """Let the leases be as they were once, as an older copy of the database has them."""
    with database.write() as work:
        for row in leases:
            mine = sa.update(google.Lease).where(google.Lease.connection_id == row.connection_id)
            work.connection.execute(
                mine.values(owner=row.owner, fencing=row.fencing, expires_at=row.expires_at)
            )


def stored_leases(database: Database) -> Sequence[sa.Row[Any]]:
    """Return the rows of all leases."""
    with database.read() as work:
        return work.connection.execute(sa.select(*google.Lease.__table__.columns)).all()


def test_a_number_from_before_a_restore_is_never_given_again(
    database: Database, connection: Connection, clock: Clock
) -> None:
    """However the older copy was put back: a write that was on its way all the time is refused."""
    leases = stored_leases(database)
    with database.write() as work:
        late = work.leases.acquire(connection.id, "late", now=clock.now(), seconds=60)
    put_back(database, leases)
    with database.read() as work, pytest.raises(LeaseLost):
        work.leases.demand(connection.id, late)
    clock.forward(1)
    with database.write() as work:
        taken = work.leases.acquire(connection.id, "worker", now=clock.now(), seconds=60)
        assert taken > late
        with pytest.raises(LeaseLost):
            work.leases.demand(connection.id, late)


def test_a_clock_that_goes_back_gives_a_higher_number_all_the_same(
    database: Database, connection: Connection, clock: Clock
) -> None:
    """Machines need not agree about the time."""
    now = clock.now()
    with database.write() as work:
        acquire = work.leases.acquire
        first = acquire(connection.id, "worker", now=now, seconds=0)
        second = acquire(connection.id, "worker", now=now - timedelta(days=1), seconds=0)
        third = acquire(connection.id, "worker", now=now, seconds=0)
    assert first < second < third


def test_a_new_epoch_takes_the_lease_of_a_runner_that_the_copy_names(
    database: Database, connection: Connection, clock: Clock
) -> None:
    """That runner may still be at work, with what it knows from after the copy."""
    with database.write() as work:
        work.installation.ensure(clock.now())
        named = work.leases.acquire(connection.id, "runner", now=clock.now(), seconds=60)
    with database.write() as work:
        work.installation.new_epoch()
    with database.write() as work:
        with pytest.raises(LeaseLost):
            work.leases.demand(connection.id, named)
        with pytest.raises(LeaseLost):
            work.leases.renew(connection.id, "runner", fencing=named, now=clock.now(), seconds=60)
        assert work.leases.acquire(connection.id, "worker", now=clock.now(), seconds=60) > named


def test_nobody_takes_a_lease_while_a_write_under_it_is_stored(
    database: Database, connection: Connection, clock: Clock
) -> None:
    """Who takes over finds in the calendar what was still written before."""
    with database.write() as work:
        fencing = work.leases.acquire(connection.id, "worker", now=clock.now(), seconds=0)
    told: list[str] = []

    def take_over() -> None:
        with database.write() as work:
            work.leases.acquire(connection.id, "another", now=clock.now(), seconds=60)
            told.append("taken")

    with ThreadPoolExecutor(1) as pool:
        with database.write() as work:
            work.leases.demand(connection.id, fencing, hold=True)
            taking = pool.submit(take_over)
            with pytest.raises(TimeoutError):
                taking.result(0.3)
            told.append("stored")
        taking.result(20)
    assert told == ["stored", "taken"]


def test_one_of_several_runners_at_once_gets_the_lease(
    database: Database, connection: Connection, clock: Clock
) -> None:
    """In every round exactly one, also on PostgreSQL with its row versions."""
    barrier = threading.Barrier(4)

    def take(runner: str) -> Fencing | None:
        barrier.wait(20)
        try:
            with database.write() as work:
                return work.leases.acquire(connection.id, runner, now=clock.now(), seconds=60)
        except LeaseHeld:
            return None

    won: list[Fencing] = []
    with ThreadPoolExecutor(4) as pool:
        for number in range(5):
            names = [f"runner-{number}-{each}" for each in range(4)]
            taken = [fencing for fencing in pool.map(take, names) if fencing is not None]
            assert len(taken) == 1
            won += taken
            clock.forward(61)
    assert won == sorted(set(won))


def test_commit_prolongs_the_lease(
    store: SqlSyncStore, open_store: OpenStore, clock: Clock
) -> None:
    """A run of an hour keeps its lease as long as it commits."""
    for _ in range(3):
        clock.forward(50)
        store.commit(Changes())
    with pytest.raises(LeaseHeld):
        open_store("runner-2")


def test_commit_after_somebody_took_over_stores_nothing(
    store: SqlSyncStore, open_store: OpenStore, clock: Clock
) -> None:
    """The runner that slept is told so, and the new one's state stands."""
    clock.forward(61)
    successor = open_store("runner-2")
    with pytest.raises(LeaseLost):
        store.commit(Changes(links=(_bare_link("late"),), tokens={"tasks": SyncToken("old")}))
    successor.commit(Changes(links=(_bare_link("u1"),)))
    assert (successor.links(), successor.tokens()) == ((_bare_link("u1"),), {})


def test_commit_after_expiry_stores_nothing_even_if_nobody_took_over(
    store: SqlSyncStore, clock: Clock
) -> None:
    """An expired lease protects nobody, so it is no licence to write."""
    clock.forward(60)
    with pytest.raises(LeaseLost):
        store.commit(Changes(links=(_bare_link("late"),)))
    assert store.links() == ()


def test_same_owner_name_with_an_older_number_stores_nothing(
    store: SqlSyncStore, open_store: OpenStore
) -> None:
    """Two threads that wrongly share a name are still told apart."""
    open_store(store.owner)
    with pytest.raises(LeaseLost):
        store.commit(Changes(links=(_bare_link("late"),)))


def test_two_writers_race_and_only_the_newest_lease_writes(
    database: Database, store: SqlSyncStore, open_store: OpenStore, clock: Clock
) -> None:
    """Whatever the order of their commits, nothing of the old runner follows the new one's."""
    successors: list[SqlSyncStore] = []
    taken_over = threading.Event()

    def old_runner() -> list[str]:
        stored: list[str] = []
        for number in range(40):
            uid = f"old-{number}"
            after = taken_over.is_set()
            try:
                store.commit(Changes(links=(_bare_link(uid),)))
            except LeaseLost:
                return stored
            assert not after
            stored.append(uid)
            time.sleep(0.005)
        raise AssertionError("the old runner was never stopped")

    def new_runner() -> None:
        time.sleep(0.05)
        with database.write() as work:  # the old runner's lease runs out while it works
            gone = sa.update(google.Lease).values(expires_at=clock.now())
            work.connection.execute(gone)
        successors.append(open_store("runner-2"))
        taken_over.set()
        successors[0].commit(Changes(links=(_bare_link("new"),)))

    with ThreadPoolExecutor(2) as pool:
        old = pool.submit(old_runner)
        pool.submit(new_runner).result(timeout=60)
        stored = old.result(timeout=60)
    assert [link.uid for link in store.links()] == [*stored, "new"]


def test_losses_are_summed_by_side_over_what_may_have_got_through(
    store: SqlSyncStore, now: datetime
) -> None:
    """A refused deletion took nothing away, and yesterday's counts no longer."""
    lost = replace(_entry(JournalState.DONE, now), losses=2)
    store.commit(
        Changes(
            journal=(
                lost,
                replace(lost, id="e2", state=JournalState.INTENDED, losses=1),
                replace(lost, id="e3", state=JournalState.FAILED),
                replace(lost, id="e4", side=Side.CALENDAR, losses=5),
                replace(lost, id="e5", at=now - timedelta(hours=25), losses=100),
            )
        )
    )
    assert store.losses(now - timedelta(hours=24)) == {Side.GOOGLE: 3, Side.CALENDAR: 5}


def test_what_our_writes_replaced_in_the_calendar_is_told_the_latest_first(
    store: SqlSyncStore, now: datetime
) -> None:
    """Of that item and that side; a creation replaced nothing."""

    def text(title: str) -> str:
        lines = ("UID:u1", "DTSTAMP:20260301T080000Z", "DTSTART:20260310T090000Z")
        inner = "\r\n".join((*lines, f"SUMMARY:{title}"))
        event = f"BEGIN:VEVENT\r\n{inner}\r\nEND:VEVENT\r\n"
        return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{event}END:VCALENDAR\r\n"

    entry = replace(_entry(JournalState.DONE, now), uid=Uid("u1"), side=Side.CALENDAR)
    store.commit(
        Changes(
            journal=(
                replace(entry, id="e1", before=None, at=now - timedelta(hours=3)),
                replace(entry, id="e2", before=text("first"), at=now - timedelta(hours=2)),
                replace(entry, id="e3", before=text("second"), at=now - timedelta(hours=1)),
                replace(entry, id="e4", before=text("there"), side=Side.GOOGLE),
                replace(entry, id="e5", before=text("other"), uid=Uid("u2")),
            )
        )
    )
    told = [item.head().value("SUMMARY") for item in store.replaced(Uid("u1"))]
    assert told == ["second", "first"]


def test_journal_entry_keeps_what_undoing_it_takes(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """Texts of both sides, where it lay, and which fields lost a merge."""
    entry = replace(
        _entry(JournalState.DONE, now),
        before="before",
        counterpart="other side",
        collection="tasks",
        losers=(
            MergeField.TITLE,
            InstanceField(key="20260310T090000Z", field=MergeField.LOCATION),
            InstanceField(key="20260311"),
        ),
        losses=1,
    )
    store.commit(Changes(journal=(entry,)))
    with database.read() as work:
        assert work.history.entry(connection.id, entry.id) == entry
        assert work.history.entry(connection.id, "another") is None
