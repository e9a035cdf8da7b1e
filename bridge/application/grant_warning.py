"""Warn users in their own calendar that Google is about to end its permission (features A8).

An entry for the day on which it ends, once for every end; it is not synced. Whoever deletes it is
not warned again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.domain.activity import Activity, CollectionName
from bridge.domain.connection import Connection
from bridge.domain.grant_end import WARNED_AHEAD
from bridge.domain.identifiers import UserId
from bridge.domain.spans import AllDaySpan
from bridge.store.database import Database
from bridge.store.unit_of_work import UnitOfWork


def warn_of_ends(database: Database, *, now: datetime) -> int:
    """Make the entries that are due, and return how many were made.

    Args:
        database: Where connections and calendars are.
        now: Aware.
    """
    with database.read() as work:
        due = work.connections.ending(now, now + WARNED_AHEAD)
    made = 0
    for connection, ends_at in due:
        with database.write([connection.user_id]) as work:
            # Somebody may have reconnected, or another worker been quicker.
            if (connection, ends_at) in work.connections.ending(now, now + WARNED_AHEAD):
                made += _warn(work, connection, ends_at, now)
    return made


def _warn(work: UnitOfWork, connection: Connection, ends_at: datetime, now: datetime) -> bool:
    work.connections.warned_of_end(connection.id, ends_at)
    type_key = _type_key(work, connection)
    if not type_key:
        return False
    day = ends_at.astimezone(ZoneInfo(_zone(work, connection.user_id))).date()
    entry = Activity(
        company_id=connection.company_id,
        owner_id=connection.user_id,
        type_key=type_key,
        subject=f"Reconnect the Google account {connection.account_email}",
        span=AllDaySpan(start=day, end=day + timedelta(days=1)),
        busy=False,
        do_not_sync=True,
        public_description=(
            "Google ends the permission of this account today, because its consent screen is in"
            " testing. Open Personal preferences > Calendar sync and choose Reconnect; the sync"
            " goes on from where it was."
        ),
    )
    work.activities.add(entry, now=now)
    return True


def _type_key(work: UnitOfWork, connection: Connection) -> str:
    """Return the type of events that comes first, "" where a company has none."""
    types = work.types.list(connection.company_id)
    events = (kind.key for kind in types if kind.active)
    in_calendar = {kind.key for kind in types if kind.collection is CollectionName.ACTIVITIES}
    return next((key for key in events if key in in_calendar), "")


def _zone(work: UnitOfWork, user_id: UserId) -> str:
    user = work.users.get(user_id)
    return user.timezone if user is not None else "UTC"
