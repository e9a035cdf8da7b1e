"""Which items moved between users of one company, on both databases (features B5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bridge.domain.activity import Activity
from bridge.domain.connection import Connection
from bridge.domain.identifiers import Uid
from bridge.domain.spans import TimedSpan
from bridge.domain.users import User
from bridge.store.database import Database
from bridge.store.sync_store import SqlSyncStore
from bridge.sync.model import Changes, Link, Presence, Side, SideState


def _activity(database: Database, owner: User, now: datetime) -> Uid:
    activity = Activity(
        company_id=owner.company_id,
        owner_id=owner.id,
        type_key="call",
        subject="Call Ada",
        span=TimedSpan(start=now, end=now + timedelta(hours=1)),
    )
    with database.write() as work:
        stored = work.activities.add(activity, now=now)
        assert stored.id is not None
        found = work.activities.object_of(stored.id)
    assert found is not None
    return found.uid


def _linked(uid: Uid) -> Changes:
    google = SideState(presence=Presence.PRESENT)
    return Changes(links=(Link(uid=uid, origin=Side.CALENDAR, google=google),))


def test_what_a_colleague_has_in_a_calendar_only_moved_there(
    database: Database,
    connection: Connection,
    store: SqlSyncStore,
    make_user: Callable[..., User],
    now: datetime,
) -> None:
    """What is one's own, or nobody's, did not; nor did what is linked on both sides."""
    ben = make_user("ben")
    mine, his = _activity(database, _anna(database), now), _activity(database, ben, now)
    store.commit(_linked(his))
    with database.read() as work:
        asked = {mine, his, Uid("nobody's")}
        assert work.connections.moved_between(connection, asked) == {his}
        assert work.connections.moved_between(connection, ()) == frozenset()


def test_what_a_colleague_has_at_google_only_moved_here(
    database: Database,
    connection: Connection,
    store: SqlSyncStore,
    make_user: Callable[..., User],
    now: datetime,
) -> None:
    """Seen from the new owner; a meeting that both have in full is no move."""
    ben = make_user("ben")
    with database.write() as work:
        theirs = work.connections.add(
            ben,
            account_email="ben@gmail.example",
            google_subject="sub-2",
            granted_scopes=frozenset(),
            now=now,
        )
    moved, both = _activity(database, ben, now), _activity(database, _anna(database), now)
    store.commit(_linked(moved))
    store.commit(_linked(both))
    with database.read() as work:
        assert work.connections.moved_between(theirs, {moved, both}) == {moved}


def _anna(database: Database) -> User:
    with database.read() as work:
        user = work.users.by_login("anna")
    assert user is not None
    return user
