"""How activities stand with Google, by what the links of their owner's connection remember.

One statement for any number of activities.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select

from bridge.domain.activity_sync import UNCONNECTED, ActivitySync, Standing, Standings
from bridge.domain.connection import ConnectionState
from bridge.domain.identifiers import ActivityId, UserId
from bridge.store.schema import dav, google
from bridge.store.transaction import Transaction
from bridge.sync.model import Presence
from bridge.sync.twins import TWIN

_connection, _link, _object = google.Connection, google.Link, dav.CalendarObject
_linked = (
    select(
        _link.connection_id,
        _link.withheld,
        _link.calendar_seen,
        _link.calendar_synced,
        _link.google_presence,
        _link.twins.is_not(None).label("has_twins"),
        google.ParkedItem.reason,
        google.ParkedItem.message,
        func.coalesce(_object.activity_id, _object.shared_activity_id).label("activity_id"),
        _object.id.label("object_id"),
        _object.revision,
    )
    .join(_connection, _connection.id == _link.connection_id)
    .join(_object, and_(_object.uid == _link.uid, _object.owner_id == _connection.user_id))
    .outerjoin(google.ParkedItem, google.ParkedItem.link_id == _link.id)
    .where(
        or_(
            _object.activity_id.in_(bindparam("activities", expanding=True)),
            _object.shared_activity_id.in_(bindparam("activities", expanding=True)),
        )
    )
    .subquery()
)
_STATES = (
    select(
        _connection.state, _connection.account_email, _connection.google_calendar_name, *_linked.c
    )
    .outerjoin(_linked, _linked.c.connection_id == _connection.id)
    .where(
        _connection.user_id == bindparam("user"),
        _connection.state.not_in((ConnectionState.STOPPED, ConnectionState.NEW)),
    )
    .order_by(_connection.id)
)


class ActivitySyncRepository:
    """Reads the standing of activities within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def of(self, user_id: UserId, activities: Collection[ActivityId]) -> Standings:
        """Return how these activities of a user stand, or the user's own copies; one statement."""
        values = {"user": user_id, "activities": sorted(set(activities))}
        rows = self._connection.execute(_STATES, values).all()
        if not rows:
            return Standings(known={}, others=UNCONNECTED)
        known = {
            ActivityId(row.activity_id): _judged(row) for row in rows if row.activity_id is not None
        }
        # What the connection never met, the next run does.
        return Standings(known=known, others=_sync(rows[-1], Standing.WAITING))


def _judged(row: Any) -> ActivitySync:
    if row.has_twins and not _is_own(row):
        return _sync(row, Standing.WITHHELD, reason=TWIN)
    if row.reason is not None:
        return _sync(row, Standing.PARKED, reason=row.reason, message=row.message)
    if row.withheld:
        return _sync(row, Standing.WITHHELD, reason=row.withheld)
    there = row.google_presence == Presence.PRESENT
    return _sync(row, Standing.AGREED if there and _is_seen(row) else Standing.WAITING)


def _is_seen(row: Any) -> bool:
    """Return whether the version agreed on is the one that is stored now.

    The calendar side's ETags are ours (`<epoch>-<object>-<revision>`), unless the worker uses
    another CalDAV server; then what was seen last has to do.
    """
    seen: str = row.calendar_seen or ""
    if not seen or seen != row.calendar_synced:
        return False
    _, own, revision = seen.rpartition(f"-{row.object_id}-")
    return not own or revision == str(row.revision)


def _is_own(row: Any) -> bool:
    """Return whether the link is of this very object, not of one that has its UID elsewhere."""
    return f"-{row.object_id}-" in (row.calendar_seen or "")


def _sync(row: Any, standing: Standing, *, reason: str = "", message: str = "") -> ActivitySync:
    return ActivitySync(
        standing=standing,
        account=row.account_email,
        calendar=row.google_calendar_name,
        reason=reason,
        message=message,
        running=row.state == ConnectionState.ACTIVE,
    )
